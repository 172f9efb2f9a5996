// Prometheus' text format: https://prometheus.io/docs/instrumenting/exposition_formats/#text-based-format. Pure.

/** What stands in the header Content-Type. */
export const EXPOSITION_TYPE = 'text/plain; version=0.0.4; charset=utf-8';

/** One metric with its samples. */
export interface Metric {
  /** Letters, digits and `_`. The name of a counter ends with `_total`. */
  name: string;
  type: 'gauge' | 'counter' | 'histogram';
  /** One sentence. */
  help: string;
  samples: Sample[];
}

/** One number. Those of a histogram have a suffix. */
export interface Sample {
  suffix?: '_bucket' | '_count';
  labels: Record<string, string>;
  value: number;
}

/** The text of these metrics. One without samples is left out. */
export function expose(metrics: readonly Metric[]): string {
  return metrics
    .filter(({ samples }) => samples.length > 0)
    .flatMap(({ name, type, help, samples }) => [
      `# HELP ${name} ${escaped(help)}`,
      `# TYPE ${name} ${type}`,
      ...samples.map(({ suffix = '', labels, value }) => `${name}${suffix}${labelsOf(labels)} ${numberOf(value)}`),
    ])
    .map((line) => `${line}\n`)
    .join('');
}

function labelsOf(labels: Record<string, string>): string {
  const pairs = Object.entries(labels).map(([name, value]) => `${name}="${escaped(value).replaceAll('"', '\\"')}"`);
  return pairs.length === 0 ? '' : `{${pairs.join(',')}}`;
}

/** A carriage return ends no line in this format, but it does for some readers. */
function escaped(text: string): string {
  return text.replaceAll('\\', '\\\\').replace(/\r\n|\r|\n/g, '\\n');
}

function numberOf(value: number): string {
  return Number.isFinite(value) || Number.isNaN(value) ? String(value) : value > 0 ? '+Inf' : '-Inf';
}
