/** Checks of what programs pass as options: a mistake is a TypeError that says what was expected. */

/** How often a silent peer is asked, in seconds, unless the program says otherwise. As in Go. */
export const DEFAULT_KEEP_ALIVE = 15;

export function requireOptions(method: string, value: unknown): void {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return;
  throw new TypeError(`${method}: options must be an object`);
}

export function optionalBoolean(method: string, option: string, value: unknown): void {
  if (value !== undefined && typeof value !== 'boolean') {
    throw new TypeError(`${method}: option ${option} must be true or false`);
  }
}

export function optionalFunction(method: string, option: string, value: unknown): void {
  if (value !== undefined && typeof value !== 'function') {
    throw new TypeError(`${method}: option ${option} must be a function`);
  }
}

export function optionalInteger(
  method: string,
  option: string,
  value: unknown,
  min: number,
  max: number,
): void {
  if (value === undefined) return;
  if (!Number.isInteger(value) || (value as number) < min || (value as number) > max) {
    throw new TypeError(`${method}: option ${option} must be an integer in ${min}..${max}`);
  }
}

/** A duration in milliseconds. */
export function optionalDuration(method: string, option: string, value: unknown): void {
  if (value !== undefined && (typeof value !== 'number' || Number.isNaN(value))) {
    throw new TypeError(`${method}: option ${option} must be a number of milliseconds`);
  }
}

/** A point in time, or null for none. */
export function optionalDeadline(method: string, option: string, value: unknown): void {
  if (value === undefined || value === null) return;
  const time = value instanceof Date ? value.getTime() : value;
  if (typeof time === 'number' && !Number.isNaN(time)) return;
  throw new TypeError(
    `${method}: option ${option} must be a number of milliseconds since 1970, a valid Date, or null`,
  );
}

export function optionalSignal(method: string, value: unknown): void {
  if (value === undefined) return;
  const { aborted, addEventListener } = (value ?? {}) as Partial<AbortSignal>;
  if (typeof aborted !== 'boolean' || typeof addEventListener !== 'function') {
    throw new TypeError(`${method}: option signal must be an AbortSignal`);
  }
}

/** Seconds, or null for none: of a number of milliseconds, false, or undefined for the default. */
export function keepAliveSeconds(method: string, value: unknown): number | null {
  if (value === undefined) return DEFAULT_KEEP_ALIVE;
  if (value === false) return null;
  if (typeof value !== 'number' || !(value > 0)) {
    throw new TypeError(
      `${method}: option keepAlive must be a positive number of milliseconds, or false for none`,
    );
  }
  return Math.min(Math.ceil(value / 1000), 2 ** 31 - 1);
}
