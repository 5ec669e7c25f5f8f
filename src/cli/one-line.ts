/** An error as the one line that a program prints of it. */

/** The message, without line breaks; what else was thrown, as text. */
export function oneLine(error: unknown): string {
  const text = error instanceof Error ? error.message || error.name : String(error);
  return text.replace(/\s*\n\s*/g, ' ').trim();
}
