// What the conformance test must know of the two accounts, beside their keys.

/** The accounts' own names, as the settings have them. */
export interface AccountSettings {
  locationId: string;
  /** Where people log in to GoHighLevel. */
  appUrl: string;
  phoneField: string;
  emailField: string;
  /** The silo's address, without a slash at its end. */
  callToolsUrl: string;
  /** Of the test contacts, E.164: rings nobody. */
  phone: string;
  apiVersion: string;
}
