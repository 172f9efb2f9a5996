// A setting that cannot be used, told apart from a fault of ours.

/** The message is one line, names the setting, and says what to do. */
export class WrongSetting extends Error {}
