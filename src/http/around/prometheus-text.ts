/**
 * Numbers as Prometheus reads them: the text format 0.0.4. Names and labels are those of OpenTelemetry with
 * dots as underscores and the unit at the end.
 * Source: https://prometheus.io/docs/instrumenting/exposition_formats/
 */
import type { Attributes, Histogram } from './request-series.ts';

/** The media type of the text. */
export const PROMETHEUS_TYPE = 'text/plain; version=0.0.4; charset=utf-8';

export class PrometheusText {
  #text = '';

  /** The text up to now. It ends in a newline. */
  toString(): string {
    return this.#text;
  }

  /** The lines before those of one metric. */
  begin(name: string, type: 'gauge' | 'histogram', help: string): void {
    this.#text += `# HELP ${name} ${help}\n# TYPE ${name} ${type}\n`;
  }

  value(name: string, labels: string, value: number): void {
    this.#text += `${name}${labels === '' ? '' : `{${labels}}`} ${value}\n`;
  }

  histogram(name: string, labels: string, { bounds, counts, sum, count }: Histogram): void {
    const before = labels === '' ? '' : `${labels},`;
    let total = 0;
    for (let i = 0; i < bounds.length; i++) {
      total += counts[i] as number;
      this.value(`${name}_bucket`, `${before}le="${bounds[i]}"`, total);
    }
    this.value(`${name}_bucket`, `${before}le="+Inf"`, count);
    this.value(`${name}_sum`, labels, sum);
    this.value(`${name}_count`, labels, count);
  }
}

/** Attributes as labels: `a_b="c",d="e"`, sorted by name. */
export function labelsOf(attributes: Attributes): string {
  const names = Object.keys(attributes).sort();
  return names
    .map((name) => `${name.replace(/[^A-Za-z0-9_]/g, '_')}="${escapeLabel(attributes[name])}"`)
    .join();
}

function escapeLabel(value: string | number | boolean | undefined): string {
  return String(value).replace(/["\\\n]/g, (char) => (char === '\n' ? '\\n' : `\\${char}`));
}
