/** A map with room for so many entries: what was added first goes first. Looking at an entry does not keep it. */
export class BoundedMap<K, V> {
  readonly #entries: Map<K, V> = new Map();
  readonly #room: number;

  constructor(room: number) {
    this.#room = room;
  }

  get size(): number {
    return this.#entries.size;
  }

  get(key: K): V | undefined {
    return this.#entries.get(key);
  }

  set(key: K, value: V): void {
    const entries = this.#entries;
    if (entries.size >= this.#room && !entries.has(key)) {
      for (const oldest of entries.keys()) {
        entries.delete(oldest);
        break;
      }
    }
    entries.set(key, value);
  }

  delete(key: K): void {
    this.#entries.delete(key);
  }
}
