// Words that vendors, platforms and protocols use in their error texts. Hardly any is a name too, and "mark", "grant" or "bill" are left out.

/** In lower case, without apostrophes. A word that is not listed is not quoted: see harmless.ts. */
export const HARMLESS_WORDS: ReadonlySet<string> = new Set(
  `a about above abort aborted accept acceptable accepted accepts access accessed account accounts acquired action actions activate activated
  active actively add added adding additional address addresses admin administrator after again agency agent agents all allow allowed allows
  already also am an and announcement another answer any api apikey app appears application applications apply applied appointment appid
  archived are array as asc asctime ask at attach attached attachment attempt attempted attempts attribute auth authclass authenticate
  authenticated authentication author authorization authorize authorized automatic automation automations availability available
  back backend backup bad balance base based batch be bearer because been before began begin being below between beyond binding binds blank
  block blocked blocks body boolean both bound browser bucket buckets buffer bulk bundle bursts bus business busy but by byte bytes
  cache cached call called caller calling calls calltools campaign campaigns can cancel canceled cancelled cannot cant capacity case categories
  category cause caused certificate challenge change changed changes channel character characters check checked checking checks choice choices
  choose city clear click client clients clock close closed cloud cloudflare cloudfront code codes collection column columns com combination
  come comes coming command comment commit company complete completed component concurrency concurrent condition configuration configured
  confirm confirmation conflict conflicting conflicts connect connected connecting connection connections consecutive constraint contact contacts contactid
  contain contained contains content continue cookie cookies copy core correct correctly could couldnt count counter country county cpu create created creating
  creation credential credentials credit cross csrf ct current currently custom customer customers cycle cyclic d1 daily data database databases date
  datetime dates day days dead deadline deadlock decimal declared decode decoded decoding deep default deferred defined delay delayed delete deleted deletes
  deletion denied deny dependency deploy deployment deprecated desc description destination detail details detected device dial dialed dialer dialing
  dict dictionary did didnt different digit digits directly directory disabled disallowed disconnected disposition dispositions dnc dnd dns do document
  documentation does doesnt domain done dont down downstream due duplicate duplicated duplicates during duration
  each early econnrefused econnreset edge either element elements email emails empty enabled encode encoded encoding encountered end ended endpoint
  endpoints ends enforce engine enotfound enough ensure enter entered entities entity entries entry enum equal error errors escape estimated etimedout event events every
  exact exactly exceed exceeded exceeds except exception exclude excluded execute executed execution exist existing exists exit expect expected expiration
  expire expired expires explicit export expression extended external extra fail failed failing fails failure failures false fatal feature
  federal fetch few fewer field fields file files filter filtered filters final find finish finished firewall first fixed flag flags float
  flow folder follow following for forbidden force foreign form format formatted forms forwarded found from full function future
  gateway general generated generic get gets ghl given global go goes gohighlevel gone good got greater group groups guard
  had handle handled handler handshake happened has hasnt have havent having header headers hello help here hexadecimal high highlevel history hit hits hold home host hostname
  hour hourly hours how however href html http https hubs id identifier identifiers identify identity ids idempotency idle if ignore ignored illegal
  image immediately implemented import important impossible in inactive inbound include included includes including incoming incomplete incorrect
  increase index indexes individual info information initial inner input insert inserted inside install installation installed instance instances instead insufficient
  int integer integers integration integrations integrity interface internal internet interrupted interval into invalid ip is isnt issue issued issues it item
  items iterable iteration its itself job join json jwt just keep keepalive key keys kind know known
  label labels language large last late later layer lc lead leadconnector leads least leaves left length less let letter letters level license like likely limit
  limited limiter limits line link linked list listed lists live load loaded loading local location locationid locations lock locked lockout log logged login logout long longer look
  looking lookup lost low lower made mail main maintenance make malformed managed manager manually many map match matched matches matching max maximum may
  mb measured media medium member members memory merge merged message messages metadata method methods middleware might migration min minimum minute minutes
  mismatch missing misspelled mobile mode model modified module month more most move moved ms multiple multiples must
  name named names native near necessary need needed needs negative nested network never new newer next nginx no node non none nonfield normal not note notes
  nothing notice now null number numbers numeric object objects occurred of off offline office ok old older on once one ones only op open opened openresty
  operation operations operator opportunity opportunities option optional options or order origin other others our out outbound outcome outdated outgoing output outside over
  overflow overlap overload overloaded override overwrite own owned owner packet page pages paging paid pair parameter parameters parent parse parsed
  parser parsing part partial parties passed password patch path pattern paused payload payment peer pending per perform performed permanent permanently permission
  permissions permitted personal phone phones ping pipeline pk place plain plan platform please point policy pool port position positive possible post postal
  potentially precondition prefix premature present previous primary private privilege problem procedure process processed processing product program progress
  prohibited project promise propagated properties property protected protocol provide provided provider proxy public pull purge push put quantity query queries
  queue queued quota range rate rather raw ray reach reached read reading reads ready real realtime reason recaptcha receive received recent recognized
  recommended reconnect record records recover recovered redirect redirected redirects reduce refer reference references referenced referrer refresh
  refreshed refused regex region register registered rejected related relation released reload remain remaining remote remove removed rename
  replace replaced replica replication reply report reported representation request requested requests require required requires reset resolve
  resolved resource resources respond responded response responses responding rest restart restarted restricted result results resume retried retries
  retry return returned returning returns reused reverse revoked right rights role roles rollback root route router routes row rows rule rules run running runtime
  safe same save saved saving schema scope scopes script search searchafter second seconds secret section secure security see seems select selected self send
  sending sent separate sequence serialization serialize serializer server servers service services session sessions set sets setting settings setup several sha
  share shared short should show shown shut shutting sign signature signed silo silos similar simple simultaneous since single site sites size sleep slow slug
  small sms so socket software some something sort sorted sorry source space special specific specified specify split sql sqlite ssl stage stale standard start
  started starting starts state statement states static statistics status stay step still stop stopped storage store stored stream string strings style sub subaccount subdomain subject submit
  submitted subrequest subrequests subscription succeed succeeded success successful successfully such sufficient suggested support supported supports
  suppress suspended switch symbol sync syntax system systems table tables tag tags take taken target task tasks tcp team technical telephone temporarily temporary
  ten tenant term terminated test text than that the their them then there these they thing this those though thread three threshold throttle throttled throttlerexception throttling
  through throw thrown time timed timeout timeouts timeouterror times timestamp timezone title tls to today together token tokens tomorrow too took tool top total
  trace traceback traceid traffic trailing transaction transfer transient transport tried trigger triggered true try trying twice two type typeerror rangeerror syntaxerror types
  unable unacceptable unacknowledged unauthorized unauthenticated unavailable unbound undefined under underlying undocumented unexpected unfiltered unfortunately
  unhandled unicode unidentified unique unit unknown unless unlimited unlock unprocessable unreachable unrecognized unreadable unresolved unsupported until unusual up update
  updated updates upgrade upload uploaded upper upstream uri url urls usage use used user username users uses using usual utc utf uuid
  vacant valid validate validated validation validator value values variable varnish verification verified verify version versions very via view violates violation virtual visit void
  wait waited waiting want warning was wasnt we web webhook webhooks website websocket week well were werent what when where whether which while white whole whose why will
  window with within without wont work worked worker workers workflow working works would write writing written wrong www xml year years yes yet you your yourself zero zip zone
  deserialize invocation isolate cold warm sqlstate varchar nullable namespace wrangler workerd durable kv r2 cron
  dialers dead_letters circuits paces backlogs alerts counters outbox runs numbers lease leases backstop schedule schedules cursor json_each
  contactcreate contactupdate contacttagupdate contactdelete contactdndupdate opportunitycreate
  am pm gmt dialable callable ticket tickets yours ours err invoice invoices uninstall uninstalled association associations voice price prices ack nack noop ok formats yyyy mm dd hh cf iso`
    .split(/\s+/)
    .map((word) => word.replace(/['’]/g, '')),
);
