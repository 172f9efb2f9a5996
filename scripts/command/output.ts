// Where a command writes: results to stdout, everything else to stderr as soon as a machine reads the results.

/** What a command has to say. */
export interface Output {
  /** True with `--json`: stdout then holds JSON and nothing else. */
  readonly json: boolean;
  /** A line for a person: on stdout, or on stderr with `--json`. */
  say(line: string): void;
  /** A line about how it goes, which is no result: always on stderr. */
  note(line: string): void;
  /** The result: `document` with `--json`, and otherwise what `text` returns, if it is given. Once a run. */
  result(document: unknown, text?: () => string): void;
  /** One of many results, as one line of JSON. Only with `--json`. */
  line(document: unknown): void;
}

/** Writes to this process's stdout and stderr. */
export function createOutput(json: boolean): Output {
  const say = json ? console.error : console.log;
  return {
    json,
    say: (line) => say(line),
    note: (line) => console.error(line),
    result(document, text) {
      if (json) console.log(JSON.stringify(document, null, 2));
      else if (text) console.log(text());
    },
    line(document) {
      if (json) console.log(JSON.stringify(document));
    },
  };
}
