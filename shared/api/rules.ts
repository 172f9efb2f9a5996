// The operator API's answers about rules, those that are deployed and those that are tried before, as types (see status.ts).

/** `missing`: there is no value. `unknown`: it depends on more than is known here. `doubt`: the value cannot be read. The three do not match. */
export type RuleVerdict = 'yes' | 'no' | 'missing' | 'unknown' | 'doubt';

/** One condition of a route or of `require`, and what came of it. Of the contact's own value nothing is shown. */
export interface JudgedCondition {
  /** Its place in the rules: `tags`, `custom contact.consent`, `not source`. */
  condition: string;
  /** What the rules ask, in words. */
  asks: string;
  verdict: RuleVerdict;
  /** The verdict in words. */
  says: string;
}

/** One route, in the order of the rules. */
export interface JudgedRoute {
  name: string;
  /** Null: it keeps out of the dialer. */
  bucket: string | null;
  /** All of its conditions together. */
  verdict: Exclude<RuleVerdict, 'missing'>;
  conditions: JudgedCondition[];
}

/** What the rules say. `depends`: on more than is known. */
export interface RulesTest {
  outcome: 'placed' | 'kept_out' | 'depends';
  /** The route that decides; null where none does, or where it is not known which. */
  route: string | null;
  bucket: string | null;
  /** The outcome in words. */
  explanation: string;
  routes: JudgedRoute[];
  /** What everybody must meet who is to be placed; empty where the rules ask for nothing. */
  require: JudgedCondition[];
}

/** `POST /api/v1/rules/test`. */
export interface RulesTested extends RulesTest {
  location_id: string | null;
  /** Null: only tags were given. */
  contact_id: string | null;
  /** Which rules were tried: those of the request, or those that are deployed. */
  rules: 'given' | 'deployed';
  /** Why it is not placed: a code of `GET /contacts/:id`; null where it is placed, or where only tags were given. */
  reason: string | null;
  /** What could not be found out, and what the rules do not see. */
  notes: string[];
}

/** Where a contact is: in the dialer by this route, or out of it for this reason. */
export interface RulesPlace {
  route: string | null;
  /** Null: it is not in the dialer, or it is not known in which bucket. */
  bucket: string | null;
  /** A code of `GET /contacts/:id`, or `not_known`: no work was ever done on it. Null: it is in the dialer. */
  reason: string | null;
  /** The condition of the rules that keeps it out. */
  condition: string | null;
}

/** Contacts that go the same way. */
export interface RulesMove {
  from: RulesPlace;
  to: RulesPlace;
  contacts: number;
  /** Ids of the first five. */
  examples: string[];
}

/** Contacts of which the same is not known. */
export interface RulesUnclear {
  /** `call_dnd`, `opportunities`, `row_unreadable`, `shared_number`, `said_no`, or the condition that is in doubt. */
  what: string;
  explanation: string;
  contacts: number;
  /** Ids of the first five. */
  examples: string[];
}

/** What new rules would change. */
export interface RulesPreview {
  location_id: string;
  /** How many contacts the list has shown, and how many it should have; null where GoHighLevel does not say. */
  contacts: number;
  total: number | null;
  /** False: the list did not show all contacts. */
  complete: boolean;
  comes_in: RulesMove[];
  goes_out: RulesMove[];
  moves: RulesMove[];
  /** How many stay where they are. */
  stays: { in: number; out: number };
  /** What the list cannot tell. These contacts are in no other group. */
  unclear: RulesUnclear[];
  /** Conditions that cannot be judged. These contacts are not dialed, and are counted in the other groups too. */
  in_doubt: RulesUnclear[];
  notes: string[];
}

/** One line of the answer of `POST /api/v1/rules/preview`. The last one is a result or a failure; where neither comes, it was cut short. */
export type RulesPreviewLine =
  | { event: 'progress'; contacts: number; total: number | null }
  /** GoHighLevel is asked again after so many seconds. */
  | { event: 'waiting'; seconds: number; why: string }
  | { event: 'result'; result: RulesPreview }
  | { event: 'failed'; detail: string };

/** One route that is deployed. */
export interface DeployedRoute {
  name: string;
  /** Null: it keeps out of the dialer. */
  bucket: string | null;
  /** A CallTools tag that is given along with the bucket. */
  calltools_tag: string | null;
  /** All of them must hold. */
  conditions: RuleCondition[];
  /** How many contacts had this route when they were last read, by where they stand. */
  contacts: { placed: number; kept_out: number; pending: number; failed: number };
  /** Why no contact can ever match it; null where some may. */
  never_matches: string | null;
}

/** What one condition of a route asks, in words. `condition`: its place in the rules. */
export type RuleCondition = Pick<JudgedCondition, 'condition' | 'asks'>;

/** The rules of one location, in force. One row of `GET /api/v1/rules`. */
export interface DeployedRules {
  location_id: string;
  location_name: string | null;
  /** Why the rules cannot be read, so that no contact of this location is processed; null where they are in force. The rest is empty then. */
  fault: string | null;
  /** Where they stand; null where they cannot be read. */
  from: 'rules.jsonc' | 'SYNC_RULES' | null;
  /** Contacts with a tag such as "do not call" are kept out before any route; null where the rules cannot be read. */
  opt_out_tags: boolean | null;
  /** In order: the first that matches counts. */
  routes: DeployedRoute[];
  /** What everybody must meet who is to be placed; empty where the rules ask for nothing. */
  require: RuleCondition[];
  /** Contacts whose route at their last read is not among `routes`: it was renamed or removed since. */
  former_routes: { name: string; contacts: number }[];
  /** The counts may be up to 30 s old. */
  counted_at: string;
}
