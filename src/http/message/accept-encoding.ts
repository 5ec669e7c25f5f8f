/**
 * The field Accept-Encoding: which of some codings a client likes best. Source: RFC 9110 section 12.5.3.
 */

/**
 * Those of `codings` that the client takes, what it likes best first, and what stands first in `codings`
 * where it likes two as well.
 */
export function acceptedCodings<T extends string>(field: string, codings: readonly T[]): T[] {
  if (field === '' || codings.length === 0) return [];
  const weights = new Map<string, number>();
  for (const part of field.toLowerCase().split(',')) {
    const [name = '', ...parameters] = part.split(';').map((text) => text.trim());
    const weight = parameters.find((text) => text.startsWith('q='));
    if (name !== '') weights.set(name, weight === undefined ? 1 : Number(weight.slice(2)));
  }
  const weightOf = (coding: string): number => weights.get(coding) ?? weights.get('*') ?? 0;
  return codings
    .filter((coding) => weightOf(coding) > 0)
    .toSorted((a, b) => weightOf(b) - weightOf(a));
}
