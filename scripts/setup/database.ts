// Steps: the D1 database, its id in both configurations, and its tables.

import * as v from 'valibot';
import { CONSUMER_CONFIG, INGEST_CONFIG, NO_DATABASE, readValue, saveValue } from './config-file.ts';
import { jsonOf, mustSucceed, type SetupContext, type Step, StepFailed } from './step.ts';

/** As in both wrangler configurations. */
const NAME = 'contact-pipeline';
const FILES = [CONSUMER_CONFIG, INGEST_CONFIG];

const Databases = v.array(v.object({ name: v.string(), uuid: v.string() }));

export const database: Step = {
  title: 'Database',
  why: `The D1 database ${NAME} remembers ids, states and reasons (no names, phones or emails). Its id goes into ${FILES.join(' and ')}.`,
  commands: ['wrangler d1 list', `wrangler d1 create ${NAME}`],
  async run(context) {
    const known = await find(context);
    const id = known ?? (await create(context));
    for (const file of FILES) {
      const noted = await readValue(context.folder, file, 'database_id');
      if (noted !== NO_DATABASE && noted !== id) {
        throw new StepFailed(
          `${file} names the database ${noted}, but ${NAME} on this account is ${id}. If the account is the right one, put ${NO_DATABASE} back into the file and run this again.`,
        );
      }
    }
    for (const file of FILES) await saveValue(context.folder, file, 'database_id', id);
    return [`${NAME} is ${known ? 'there' : 'made'}: ${id}.`];
  },
};

async function find({ wrangler }: SetupContext): Promise<string | undefined> {
  const listed = mustSucceed(await wrangler.run(['d1', 'list', '--json']), 'The databases cannot be listed.');
  const databases = v.safeParse(Databases, jsonOf(listed));
  if (!databases.success)
    throw new StepFailed('wrangler listed the databases in no known form. Is it another version?');
  return databases.output.find(({ name }) => name === NAME)?.uuid;
}

async function create(context: SetupContext): Promise<string> {
  const created = await context.wrangler.run(['d1', 'create', NAME, '--update-config=false']);
  const id = await find(context);
  if (id !== undefined) return id;
  mustSucceed(created, `The database ${NAME} cannot be created.`);
  throw new StepFailed(`wrangler made the database ${NAME}, but does not list it yet. Run this again in a minute.`);
}

export const migrations: Step = {
  title: 'Tables',
  why: 'Creates the tables, or updates them for this version. Migrations that were applied before are skipped.',
  commands: [`wrangler d1 migrations apply ${NAME} --remote -c ${CONSUMER_CONFIG}`],
  async run({ wrangler }) {
    const ran = await wrangler.run(['d1', 'migrations', 'apply', NAME, '--remote', '-c', CONSUMER_CONFIG]);
    mustSucceed(ran, 'The tables cannot be created. A migration that fails is undone, so it is safe to try again.');
    return [/no migrations to apply/i.test(ran.said) ? 'The tables are up to date.' : 'The tables are created.'];
  },
};
