/**
 * The vocabulary of eventfd2(2): its flags.
 *
 * Data only. The counter itself is 8 bytes, a number in the order of the machine. Source:
 * eventfd(2), <sys/eventfd.h>.
 */

// Flags: <bits/eventfd.h>.
export const EFD_SEMAPHORE = 0o1;
export const EFD_CLOEXEC = 0o2000000;
export const EFD_NONBLOCK = 0o4000;
