// Steps: the D1 database, its id in both configurations, and its tables.

import * as v from 'valibot';
import { CONSUMER_CONFIG, DATABASE_ID, INGEST_CONFIG, NO_DATABASE, readValue, saveValue } from './config-file.ts';
import { REGIONS } from './questions/answers.ts';
import { type Found, jsonOf, mustSucceed, type SetupContext, type Step, StepFailed } from './step.ts';

/** As in both wrangler configurations. */
const NAME = 'contact-pipeline';
const FILES = [CONSUMER_CONFIG, INGEST_CONFIG];

const Databases = v.array(v.object({ name: v.string(), uuid: v.string() }));

export const database: Step = {
  title: 'Database',
  why: `The D1 database ${NAME} remembers ids, states and reasons (no names, phones or emails). Its id goes into ${FILES.join(' and ')}.`,
  commands: ['wrangler d1 list', `wrangler d1 create ${NAME} (--location or --jurisdiction, as you choose)`],
  async run(context, found) {
    const known = await findDatabase(context);
    const id = known ?? (await create(context, found));
    for (const file of FILES) {
      const noted = await readValue(context.folder, file, DATABASE_ID);
      if (noted !== NO_DATABASE && noted !== id) {
        throw new StepFailed(
          `${file} names the database ${noted}, but ${NAME} on this account is ${id}. If the account is the right one, put ${NO_DATABASE} back into the file and run this again.`,
        );
      }
    }
    for (const file of FILES) await saveValue(context.folder, file, DATABASE_ID, id);
    return [`${NAME} is ${known ? 'there' : 'made'}: ${id}.`];
  },
};

/** Its id; undefined where there is none yet. */
export async function findDatabase({ wrangler }: SetupContext): Promise<string | undefined> {
  const listed = mustSucceed(await wrangler.run(['d1', 'list', '--json']), 'The databases cannot be listed.');
  const databases = v.safeParse(Databases, jsonOf(listed));
  if (!databases.success)
    throw new StepFailed('wrangler listed the databases in no known form. Is it another version?');
  return databases.output.find(({ name }) => name === NAME)?.uuid;
}

async function create(context: SetupContext, { region }: Found): Promise<string> {
  const where = REGIONS[region].args;
  const created = await context.wrangler.run(['d1', 'create', NAME, ...where, '--update-config=false']);
  const id = await findDatabase(context);
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
