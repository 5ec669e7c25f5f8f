/** How values show themselves to console.log, on the runtimes that ask: Node, Bun and Deno do. */

/** The name of the method that `util.inspect` calls. */
const inspect = Symbol.for('nodejs.util.inspect.custom');

/** Values of `type` are logged as "Type { content }", with the name of their own class. */
export function showAs<T extends object>(
  type: { readonly prototype: T },
  content: (value: T) => string,
): void {
  Object.defineProperty(type.prototype, inspect, {
    value(this: T): string {
      const { name } = this.constructor;
      // The prototype is asked too, and has nothing in it.
      return Object.hasOwn(this, inspect) ? name : `${name} { ${content(this)} }`;
    },
  });
}
