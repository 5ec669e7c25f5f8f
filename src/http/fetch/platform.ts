/**
 * The platform's own Request, Response and Headers, as they were when this was loaded: a program may put
 * others in their place, ours among them. And what makes a class of ours one of theirs.
 *
 * Node loads them when they are first looked at, which takes longer than loading all else of netfd/http. So
 * that is not done before there is a fetch handler, or a Response.
 */
interface Classes {
  readonly Headers: typeof Headers;
  readonly Request: typeof Request;
  readonly Response: typeof Response;
}

/** Looked at without looking at the classes: in Node there is a getter for each. */
const atFirst: Readonly<Record<keyof Classes, PropertyDescriptor | undefined>> = {
  Headers: Object.getOwnPropertyDescriptor(globalThis, 'Headers'),
  Request: Object.getOwnPropertyDescriptor(globalThis, 'Request'),
  Response: Object.getOwnPropertyDescriptor(globalThis, 'Response'),
};

const found: { -readonly [Name in keyof Classes]?: Classes[Name] } = {};

/** The platform's class of this name. */
export function platformClass<Name extends keyof Classes>(name: Name): Classes[Name] {
  return (found[name] ??= lookAt(name)) as Classes[Name];
}

function lookAt<Name extends keyof Classes>(name: Name): Classes[Name] {
  const first = atFirst[name];
  if (first?.get === undefined) return (first?.value ?? globalThis[name]) as Classes[Name];
  const present = Object.getOwnPropertyDescriptor(globalThis, name);
  const own = first.get.call(globalThis) as Classes[Name];
  // The getter puts what it has found in its own place, where there may be another one by now.
  if (present !== undefined && present.get !== first.get) {
    Object.defineProperty(globalThis, name, present);
  }
  return own;
}

/** A class whose instances are to be instances of one of the platform's, too. */
interface OwnClass<T> {
  readonly prototype: T;
}

/**
 * Makes `own` a subclass of `platform` as far as instanceof goes. Properties of its instances that it does
 * not have are those of the true one that `full` gives for an instance.
 */
export function standFor<T extends object>(
  own: OwnClass<T>,
  platform: OwnClass<object>,
  full: (instance: T) => object,
): void {
  for (const name of Object.getOwnPropertyNames(platform.prototype)) {
    const described = Object.getOwnPropertyDescriptor(platform.prototype, name);
    if (described?.get === undefined || Object.hasOwn(own.prototype, name)) continue;
    Object.defineProperty(own.prototype, name, {
      get(this: T) {
        return Reflect.get(full(this), name) as unknown;
      },
      configurable: true,
    });
  }
  Object.setPrototypeOf(own.prototype, platform.prototype);
  Object.setPrototypeOf(own, platform);
}
