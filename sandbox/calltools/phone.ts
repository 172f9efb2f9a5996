// Which phone numbers CallTools takes: it checks that a number can be dialed (docs/vendors.md, CallTools: phone numbers).

/** The number as stored, E.164; null when CallTools would refuse it. */
export function storedPhone(value: string): string | null {
  const digits = value.replace(/\D/g, '');
  const foreign = value.trim().startsWith('+') && !digits.startsWith('1');
  if (foreign) return digits.length >= 8 && digits.length <= 15 ? `+${digits}` : null;
  const national = digits.length === 11 && digits.startsWith('1') ? digits.slice(1) : digits;
  return isDialable(national) ? `+1${national}` : null;
}

/** 823 is not assigned and 222-222 was refused; the rules for the first digits are the numbering plan's. */
function isDialable(national: string): boolean {
  if (!/^[2-9]\d{2}[2-9]\d{6}$/.test(national)) return false;
  return !national.startsWith('823') && !national.startsWith('222222');
}
