// Reads Prometheus' text format by its grammar: https://prometheus.io/docs/instrumenting/exposition_formats/#text-based-format.

/** One line of numbers, read. */
export interface ReadSample {
  name: string;
  labels: Record<string, string>;
  value: number;
}

/** The samples of each metric, by its name. */
export type ReadMetrics = Map<string, { type: string; help: string; samples: ReadSample[] }>;

const HELP = /^# HELP ([a-zA-Z_:][a-zA-Z0-9_:]*) (.*)$/;
const TYPE = /^# TYPE ([a-zA-Z_:][a-zA-Z0-9_:]*) (counter|gauge|histogram|summary|untyped)$/;
const SAMPLE = /^([a-zA-Z_:][a-zA-Z0-9_:]*)(?:\{(.*)\})? (\S+)$/;
const LABEL = /([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\\n]|\\[\\"n])*)"(,|$)/y;

/** Throws where a line breaks the grammar, a metric stands in two places or lacks its HELP or TYPE, or a series comes twice. */
export function readExposition(text: string): ReadMetrics {
  const metrics: ReadMetrics = new Map();
  if (text === '') return metrics;
  if (!text.endsWith('\n')) throw new Error('the last line has no end');
  for (const block of text.slice(0, -1).split(/\n(?=# HELP )/)) {
    const [help = '', type = '', ...lines] = block.split('\n');
    const [, name = '', words = ''] = HELP.exec(help) ?? [];
    const [, typed, kind = ''] = TYPE.exec(type) ?? [];
    if (name === '' || typed !== name) throw new Error(`no HELP and TYPE of one metric: ${help} ${type}`);
    if (metrics.has(name)) throw new Error(`${name} stands in two places`);
    if (/\\(?![\\n])/.test(words.replaceAll('\\\\', ''))) throw new Error(`an escape that there is not: ${words}`);
    metrics.set(name, { type: kind, help: unescaped(words), samples: samplesOf(name, kind, lines) });
  }
  return metrics;
}

function samplesOf(metric: string, type: string, lines: string[]): ReadSample[] {
  const samples = lines.map(readSample);
  const isOwn = ({ name }: ReadSample) =>
    metric === (type === 'histogram' ? name.replace(/_(bucket|count|sum)$/, '') : name);
  if (!samples.every(isOwn)) throw new Error(`a sample of another metric stands under ${metric}`);
  const series = samples.map(({ name, labels }) => JSON.stringify([name, Object.entries(labels).sort()]));
  if (new Set(series).size < series.length) throw new Error(`a series of ${metric} comes twice`);
  return samples;
}

function readSample(line: string): ReadSample {
  const [, name = '', inner = '', number = ''] = SAMPLE.exec(line) ?? [];
  if (name === '') throw new Error(`not a line of the format: ${line}`);
  const labels: Record<string, string> = {};
  LABEL.lastIndex = 0;
  while (LABEL.lastIndex < inner.length) {
    const at = LABEL.lastIndex;
    const [, label = '', value = ''] = LABEL.exec(inner) ?? [];
    if (label === '' || label in labels) throw new Error(`bad labels after ${at}: ${line}`);
    labels[label] = unescaped(value);
  }
  if (!/^[+-]?(Inf|\d+(\.\d+)?(e[+-]?\d+)?)$|^NaN$/.test(number)) throw new Error(`not a number: ${line}`);
  return { name, labels, value: Number(number.replace('Inf', 'Infinity')) };
}

function unescaped(text: string): string {
  return text.replace(/\\([\\"n])/g, (_all, one: string) => (one === 'n' ? '\n' : one));
}
