/**
 * One process at a time: a lock directory that holds its owner's identity. It comes into being with
 * its content, by rename(2), so there is no moment at which it is owned by nobody. The lock of a
 * process that has died is taken over.
 */
import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

const POLL_MS = 50;
const SAY_AFTER_MS = 2000;

/** What tells this process from a later one with the same number, or null if there is none. */
function identityOf(pid) {
  try {
    // The name, in parentheses, may contain anything; the start time is the 20th field after it.
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
    return `${pid} ${stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19]}`;
  } catch {
    return null;
  }
}

function ownerOf(lock) {
  try {
    return readFileSync(join(lock, 'owner'), 'latin1');
  } catch {
    return null;
  }
}

function tryAcquire(lock) {
  const prepared = `${lock}.${process.pid}`;
  rmSync(prepared, { recursive: true, force: true });
  mkdirSync(prepared, { recursive: true });
  writeFileSync(join(prepared, 'owner'), identityOf(process.pid) ?? String(process.pid));
  try {
    renameSync(prepared, lock); // fails while the lock is there, since that is not empty
    return true;
  } catch (error) {
    rmSync(prepared, { recursive: true, force: true });
    if (error.code === 'ENOTEMPTY' || error.code === 'EEXIST') return false;
    throw error;
  }
}

/** Removes the lock if `owner` still has it. It leaves in one piece, as it came. */
function remove(lock, owner) {
  const aside = `${lock}.gone.${process.pid}`;
  rmSync(aside, { recursive: true, force: true });
  try {
    renameSync(lock, aside);
  } catch {
    return; // another was faster
  }
  if (ownerOf(aside) !== owner) renameSync(aside, lock); // another has taken over in between
  else rmSync(aside, { recursive: true, force: true });
}

function removeIfAbandoned(lock) {
  const owner = ownerOf(lock);
  if (owner !== null && identityOf(owner.split(' ')[0]) !== owner) remove(lock, owner);
}

function sleep(milliseconds) {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, milliseconds);
}

/** Runs `work` while holding `lock`, a path; waits for as long as another process holds it. */
export function withLock(lock, work) {
  mkdirSync(dirname(lock), { recursive: true });
  for (let waited = 0; !tryAcquire(lock); waited += POLL_MS) {
    if (waited === SAY_AFTER_MS) {
      console.error(
        `netfd: waiting for process ${ownerOf(lock)?.split(' ')[0]}, which installs or builds`,
      );
    }
    removeIfAbandoned(lock);
    sleep(POLL_MS);
  }
  try {
    return work();
  } finally {
    remove(lock, ownerOf(lock));
  }
}
