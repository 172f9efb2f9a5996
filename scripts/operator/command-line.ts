// Reading a command line: what is wrong with it, or its help, is shown by the parser, and then there is nothing left to do.

import { type Command, CommanderError } from 'commander';

/** Help was shown, or what is wrong; the script ends with this code. */
export interface Exit {
  kind: 'exit';
  code: number;
}

/** Parses into `program`; null where the script goes on. */
export function parseArguments(program: Command, argv: string[]): Exit | null {
  try {
    program.exitOverride().parse(argv, { from: 'user' });
    return null;
  } catch (error) {
    if (error instanceof CommanderError) return { kind: 'exit', code: error.exitCode };
    throw error;
  }
}
