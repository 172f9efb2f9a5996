// Sentences of the vendors and of what stands before them that hold no value of anybody's: they are quoted as they are.

/** Each matches the whole of a text. */
export const HARMLESS_SENTENCES: readonly RegExp[] = [
  // Django REST framework, which CallTools looks like (docs/vendors.md, CallTools: errors)
  /^This field (?:is required|may not be null|may not be blank|must be unique)\.$/i,
  /^(?:A valid (?:integer|number|boolean|string|URL) is required|Not a valid (?:string|boolean|integer))\.$/i,
  /^Enter a valid (?:email address|URL|value|phone number)\.$/i,
  /^Ensure this (?:field|value) (?:has|is) (?:no more|at least|less|greater) (?:than |or equal to )*\d{1,6}(?: characters?)?\.$/i,
  /^(?:Invalid token|Not found|Invalid page|Malformed request|No (?:Contact|Bucket|Tag|PhoneNumber|ContactBucket) matches the given query)\.$/i,
  /^Invalid token header\. (?:No credentials provided|Token string should not contain spaces)\.$/i,
  /^Authentication credentials were not provided\.$/i,
  /^(?:Incorrect authentication credentials|User inactive or deleted)\.$/i,
  /^You do not have permission to perform this action\.$/i,
  /^Could not satisfy the request Accept header\.$/i,
  /^Method "(?:GET|POST|PUT|PATCH|DELETE)" not allowed\.$/i,
  /^Request was throttled\.(?: Expected available in \d{1,6} seconds?\.)?$/i,
  /^Invalid pk "\d{1,9}" - object does not exist\.$/i,
  /^Server Error \(\d{3}\)$/i,
  // GoHighLevel (docs/vendors.md, GoHighLevel: errors; GoHighLevel: search)
  /^Invalid token: access token is invalid$/i,
  /^Invalid JWT$/i,
  /^The token is not authorized for this scope\.$/i,
  /^Token's user type mismatch!$/i,
  /^The token does not have access to this location\.$/i,
  /^This authClass type is not allowed to access this scope(?:\.|\.\.\.)?$/i,
  /^version header was not found\.?$/i,
  /^(?:Location is not active|API endpoint has been removed)\.?$/i,
  /^(?:Contact|Resource)(?: with id)? not found\.?(?: Please contact support\.?)?$/i,
  /^(?:Unauthorized|Forbidden|Bad Request|Not Found|Conflict|Internal Server Error|Too Many Requests|Unprocessable Entity)$/i,
  /^(?:Bad Gateway|Service Unavailable|Gateway Time-?out|Service (?:is )?temporarily unavailable)\.?$/i,
  /^ThrottlerException: Too Many Requests$/i,
  // Cloudflare (docs/vendors.md, CallTools: errors)
  /^error code: 1\d{3}$/i,
  /^Error 1015 You are being rate limited$/i,
  /^internal error; reference = [0-9a-z]{8,64}$/i,
  /^(?:D1_ERROR: )?Network connection lost\.?$/i,
];
