/**
 * A strict reader of Prometheus' text format 0.0.4: whatever it does not know is an error, and so are two
 * samples with the same labels, metrics that come twice, and histograms that do not add up.
 */
import assert from 'node:assert/strict';

export interface Sample {
  readonly name: string;
  /** As they stand in the text, without braces. */
  readonly labels: string;
  readonly value: number;
}

const NAME = '[a-zA-Z_:][a-zA-Z0-9_:]*';
const LABEL = String.raw`[a-zA-Z_][a-zA-Z0-9_]*="(?:[^"\\\n]|\\["\\n])*"`;
const SAMPLE = new RegExp(
  String.raw`^(${NAME})(?:\{(${LABEL}(?:,${LABEL})*)\})? (-?\d+(?:\.\d+)?(?:e[+-]?\d+)?|NaN|[+-]Inf)$`,
);

interface Family {
  readonly name: string;
  readonly type: string;
}

/** All samples of `text`; throws where the format is not kept. */
export function parsePrometheus(text: string): Sample[] {
  assert.ok(text === '' || text.endsWith('\n'));
  const samples: Sample[] = [];
  const seen = new Set<string>();
  const families = new Set<string>();
  let family: Family | null = null;
  let helped = '';
  for (const line of text.split('\n').slice(0, -1)) {
    const help = new RegExp(`^# HELP (${NAME}) [^\\\\]+$`).exec(line);
    const type = new RegExp(`^# TYPE (${NAME}) (gauge|counter|histogram)$`).exec(line);
    if (help !== null) {
      helped = help[1] as string;
    } else if (type !== null) {
      assert.equal(type[1], helped, 'HELP and TYPE are of one metric');
      assert.ok(!families.has(helped), `${helped} comes twice`);
      families.add(helped);
      family = { name: helped, type: type[2] as string };
    } else {
      const sample = readSample(line);
      const suffixes = family?.type === 'histogram' ? ['_bucket', '_sum', '_count'] : [''];
      assert.ok(
        suffixes.some((suffix) => sample.name === `${family?.name}${suffix}`),
        line,
      );
      const key = `${sample.name}{${sample.labels}}`;
      assert.ok(!seen.has(key), `${key} comes twice`);
      seen.add(key);
      samples.push(sample);
    }
  }
  checkHistograms(samples);
  return samples;
}

function readSample(line: string): Sample {
  const match = SAMPLE.exec(line);
  assert.ok(match !== null, `no sample: ${JSON.stringify(line)}`);
  const labels = match[2] ?? '';
  const names = [...labels.matchAll(/([a-zA-Z_]\w*)="(?:[^"\\]|\\.)*"/g)].map(([, name]) => name);
  assert.equal(new Set(names).size, names.length, `a label comes twice: ${line}`);
  return { name: match[1] as string, labels, value: Number(match[3]) };
}

/** Buckets grow, end with +Inf, and that is the count. */
function checkHistograms(samples: Sample[]): void {
  const last = new Map<string, { bound: number; value: number }>();
  for (const { name, labels, value } of samples) {
    if (!name.endsWith('_bucket')) continue;
    const le = /(?:^|,)le="([^"]+)"$/.exec(labels)?.[1];
    assert.ok(le !== undefined, labels);
    const key = `${name.slice(0, -7)} ${labels.replace(/,?le="[^"]+"$/, '')}`;
    const bound = le === '+Inf' ? Number.POSITIVE_INFINITY : Number(le);
    const before = last.get(key);
    if (before !== undefined) assert.ok(bound > before.bound && value >= before.value, key);
    last.set(key, { bound, value });
  }
  for (const [key, { bound, value }] of last) {
    assert.equal(bound, Number.POSITIVE_INFINITY, key);
    const [name, labels] = [key.slice(0, key.indexOf(' ')), key.slice(key.indexOf(' ') + 1)];
    const count = samples.find((s) => s.name === `${name}_count` && s.labels === labels);
    assert.equal(count?.value, value, key);
    assert.ok(samples.some((s) => s.name === `${name}_sum` && s.labels === labels));
  }
}
