/* The sync between one store and the cloud, small enough to be looked at in every order.
 *
 * What the network has been given once it may deliver at any time, again, or never: messages are
 * kept in sets and are not taken out.  A set that is full loses what comes.  Disks are copied and
 * restored, agents die between any two steps and live again, heard or not, and two may live at a time.
 * The rules are those of cloud/apply.py (deliver), edge/sync/session.py and edge/storage/sync.py.
 *
 * The one claim: while the cloud knows an agent's life, what that agent takes for committed is in
 * the documents.  Each of these, defined, leaves a rule out, and the claim must fall:
 *
 *   NO_FENCE     deltas of any term and life are applied
 *   NO_HELLO     data is sent without asking, and what the cloud knows is not compared
 *   EARLY_CHECK  at a start, all vers of the file are taken for sent (an earlier design)
 *   NO_AFTER     a term need not follow the one that the file was welcomed with
 *   NO_AT_VER    how far the file had come is not told
 *   SWEEP_ALL    what is left of before a snapshot is not told from the rest
 */

#ifndef STARTS
#define STARTS 3	/* lives in all */
#endif
#ifndef CHANGES
#define CHANGES 3	/* of counts, in all */
#endif
#ifndef RESTORES
#define RESTORES 1
#endif
#ifndef RENEWALS
#define RENEWALS 1
#endif
#ifndef DEVICES
#define DEVICES 1
#endif
#ifndef HELLOS
#define HELLOS 4	/* kept by the network */
#endif
#ifndef DELTAS
#define DELTAS 3
#endif
#ifndef ANSWERS
#define ANSWERS 4
#endif
#define SKUS 2

#define MAX(a, b) ((a) > (b) -> (a) : (b))

typedef Disk {
	bool there, answered;
	byte term, acked, check_ver, answered_term, ver;
	byte row_ver[SKUS], row[SKUS]	/* row: which change it holds */
}
typedef Life {
	byte state, term, boot, acked, known_ver, flying_to, after;
	bool snapshot
}
typedef Hello { byte term, boot, after; bool snapshot }
typedef Delta { byte term, boot, from_ver, to_ver, at_ver; byte row_ver[SKUS], row[SKUS] }
typedef Answer { byte for_term, for_boot, outcome, term, applied, at_ver }

#define OFF 0
#define GREETING 1
#define READY 2
#define FLYING 3

#define WELCOME 0
#define APPLIED 1
#define DUPLICATE 2
#define GAP 3
#define STALE 4
#define TWIN 5

Disk disk[DEVICES];
Disk copy;
Life life[DEVICES];
Hello hellos[HELLOS];
Delta deltas[DELTAS];
Answer answers[ANSWERS];
byte hellos_kept, deltas_kept, answers_kept;
byte starts, changes, restores, renewals;

/* The cloud. */
byte term, boot, applied, at_ver;	/* the cursor; no cursor: term 0 */
byte sweep_term, ended_term;
byte doc[SKUS], doc_term[SKUS];
byte sweeping;	/* what a bridge that sweeps has read of the cursor, perhaps long ago */

/* Scratch, always 0 between steps. */
byte i, s, n, next, outcome;
bool known, taken;

inline forget() { i = 0; s = 0; n = 0; next = 0; outcome = 0; known = false; taken = false }

inline say_hello(d) {
	known = false;
	i = 0;
	do
	:: i < hellos_kept ->
		known = known || (hellos[i].term == life[d].term && hellos[i].boot == life[d].boot);
		i++
	:: else -> break
	od;
	if
	:: !known && hellos_kept < HELLOS ->
		hellos[hellos_kept].term = life[d].term;
		hellos[hellos_kept].boot = life[d].boot;
		hellos[hellos_kept].after = life[d].after;
		hellos[hellos_kept].snapshot = life[d].snapshot;
		hellos_kept++
	:: else
	fi
}

/* Whatever ran on the device before is dead. */
inline start(d) {
	starts++;
	disk[d].term++;
#ifdef EARLY_CHECK
	disk[d].check_ver = disk[d].ver;
#else
	if
	:: disk[d].answered -> disk[d].check_ver = disk[d].ver
	:: else
	fi;
#endif
	disk[d].answered = false;
	life[d].term = disk[d].term;
	life[d].boot = starts;
	life[d].acked = disk[d].acked;
	life[d].known_ver = disk[d].check_ver;
	life[d].after = disk[d].answered_term;
	life[d].flying_to = 0;
	life[d].snapshot = false;
#ifdef NO_HELLO
	life[d].state = READY
#else
	life[d].state = GREETING;
	say_hello(d)
#endif
}

inline count(d, sku) {
	changes++;
	disk[d].ver++;
	disk[d].row_ver[sku] = disk[d].ver;
	disk[d].row[sku] = changes
}

inline copy_disk(from, to) {
	to.there = true;
	to.term = from.term;
	to.acked = from.acked;
	to.check_ver = from.check_ver;
	to.answered = from.answered;
	to.answered_term = from.answered_term;
	to.ver = from.ver;
	s = 0;
	do
	:: s < SKUS ->
		to.row_ver[s] = from.row_ver[s];
		to.row[s] = from.row[s];
		s++
	:: else -> break
	od
}

/* Give the rows above acked, all of them or only the oldest. */
inline say_delta(d) {
	n = disk[d].ver;
	if
	:: true
	:: disk[d].row_ver[0] > life[d].acked && disk[d].row_ver[1] > life[d].acked ->
		n = (disk[d].row_ver[0] < disk[d].row_ver[1] -> disk[d].row_ver[0] : disk[d].row_ver[1])
	fi;
	life[d].flying_to = n;
	life[d].known_ver = MAX(life[d].known_ver, disk[d].ver);
	life[d].state = FLYING;
	known = false;
	i = 0;
	do
	:: i < deltas_kept ->
		known = known || (deltas[i].term == life[d].term && deltas[i].boot == life[d].boot
			&& deltas[i].from_ver == life[d].acked && deltas[i].to_ver == n
			&& deltas[i].at_ver == disk[d].ver);
		i++
	:: else -> break
	od;
	if
	:: !known && deltas_kept < DELTAS ->
		deltas[deltas_kept].term = life[d].term;
		deltas[deltas_kept].boot = life[d].boot;
		deltas[deltas_kept].from_ver = life[d].acked;
		deltas[deltas_kept].to_ver = n;
		deltas[deltas_kept].at_ver = disk[d].ver;
		s = 0;
		do
		:: s < SKUS ->
			if
			:: disk[d].row_ver[s] > life[d].acked && disk[d].row_ver[s] <= n ->
				deltas[deltas_kept].row_ver[s] = disk[d].row_ver[s];
				deltas[deltas_kept].row[s] = disk[d].row[s]
			:: else
			fi;
			s++
		:: else -> break
		od;
		deltas_kept++
	:: else
	fi
}

inline reply(to_term, to_boot) {
	known = false;
	i = 0;
	do
	:: i < answers_kept ->
		known = known || (answers[i].for_term == to_term && answers[i].for_boot == to_boot
			&& answers[i].outcome == outcome && answers[i].term == term
			&& answers[i].applied == applied && answers[i].at_ver == at_ver);
		i++
	:: else -> break
	od;
	if
	:: !known && answers_kept < ANSWERS ->
		answers[answers_kept].for_term = to_term;
		answers[answers_kept].for_boot = to_boot;
		answers[answers_kept].outcome = outcome;
		answers[answers_kept].term = term;
		answers[answers_kept].applied = applied;
		answers[answers_kept].at_ver = at_ver;
		answers_kept++
	:: else
	fi
}

inline hear_hello(h) {
	if
	:: h.term < term -> outcome = STALE
	:: h.term == term -> outcome = (h.boot == boot -> WELCOME : TWIN)
#ifndef NO_AFTER
	:: h.term > term && term > 0 && !h.snapshot && h.after != 0 && h.after != term ->
		outcome = TWIN
	:: h.term > term && !(term > 0 && !h.snapshot && h.after != 0 && h.after != term) ->
#else
	:: h.term > term ->
#endif
		outcome = WELCOME;
		term = h.term;
		boot = h.boot;
		if
		:: h.snapshot -> applied = 0; at_ver = 0; sweep_term = h.term
		:: else
		fi
	fi;
	reply(h.term, h.boot)
}

inline hear_delta(m) {
#ifdef NO_HELLO
	if
	:: m.term > term -> term = m.term; boot = m.boot
	:: else
	fi;
#endif
	if
#ifndef NO_FENCE
	:: m.term != term || m.boot != boot -> outcome = STALE
	:: m.term == term && m.boot == boot && m.to_ver <= applied -> outcome = DUPLICATE
	:: m.term == term && m.boot == boot && m.to_ver > applied && m.from_ver > applied ->
#else
	:: m.to_ver <= applied -> outcome = DUPLICATE
	:: m.to_ver > applied && m.from_ver > applied ->
#endif
		outcome = GAP
	:: else ->
		outcome = APPLIED;
		s = 0;
		do
		:: s < SKUS ->
			if
			:: m.row_ver[s] > applied -> doc[s] = m.row[s]; doc_term[s] = term
			:: else
			fi;
			s++
		:: else -> break
		od;
		applied = m.to_ver;
		if
		:: m.to_ver >= m.at_ver -> ended_term = sweep_term
		:: else
		fi;
#ifdef NO_AT_VER
		at_ver = applied
#else
		at_ver = MAX(at_ver, MAX(m.to_ver, m.at_ver))
#endif
	fi;
	reply(m.term, m.boot)
}

inline renew(d, a) {
	if
	:: renewals < RENEWALS ->
		renewals++;
		next = MAX(life[d].term, a.term) + 1;
		disk[d].term = next;
		disk[d].acked = 0;
		disk[d].check_ver = 0;
		disk[d].answered = false;
		disk[d].ver++;
		life[d].term = next;
		life[d].acked = 0;
		life[d].known_ver = 0;
		life[d].flying_to = 0;
		life[d].snapshot = true;
		life[d].state = GREETING;
		say_hello(d)
	:: else
	fi
}

inline save(d, upto) {
	life[d].acked = upto;
	disk[d].acked = upto
}

#ifdef NO_HELLO
#define KNOWS_MORE(d, a) false
#else
#define KNOWS_MORE(d, a) (MAX(a.applied, a.at_ver) > life[d].known_ver)
#endif

inline hear_answer(d, a) {
	if
	:: a.outcome == STALE && a.term < life[d].term ->
		life[d].state = GREETING;
		say_hello(d)
	:: (!(a.outcome == STALE && a.term < life[d].term)
		&& (a.outcome == STALE || a.outcome == TWIN || KNOWS_MORE(d, a))) -> renew(d, a)
	:: else ->
		if
		:: a.outcome == WELCOME && life[d].state == GREETING ->
			disk[d].answered = true;
			disk[d].answered_term = life[d].term;
			if
			:: life[d].after = life[d].term;
				save(d, a.applied);
				life[d].state = READY
			:: starts < STARTS -> start(d)	/* it died between the two writes */
			fi
		:: a.outcome == GAP && life[d].state == FLYING && a.applied < life[d].acked ->
			save(d, a.applied);
			life[d].state = READY
		:: ((a.outcome == APPLIED || a.outcome == DUPLICATE) && life[d].state >= READY
			&& a.applied > life[d].acked) ->
			save(d, a.applied);
			life[d].state = (a.applied >= life[d].flying_to -> READY : FLYING)
		:: else
		fi
	fi
}

#ifdef SWEEP_ALL
#define IS_LEFT(sku) (doc[sku] > 0 && sweeping > 0)
#else
#define IS_LEFT(sku) (doc[sku] > 0 && doc_term[sku] < sweeping)
#endif

/* The claim, of one device and one row. */
#define HOLDS(d, sku) (!(life[d].state >= READY && life[d].term == term && life[d].boot == boot \
	&& disk[d].row_ver[sku] > 0 && disk[d].row_ver[sku] <= life[d].acked \
	&& disk[d].row_ver[sku] <= applied) || doc[sku] == disk[d].row[sku])

#define DEVICE_ACTS(d) \
	:: atomic { disk[d].there && starts < STARTS -> start(d); forget() } \
	:: atomic { life[d].state != OFF && changes < CHANGES -> \
		if :: count(d, 0) :: changes > 0 -> count(d, 1) fi } \
	:: atomic { life[d].state >= READY && disk[d].ver > life[d].acked -> say_delta(d); forget() } \
	:: atomic { life[d].state != OFF && answers_kept > 0 -> \
		select_below(answers_kept); \
		if \
		:: answers[n].for_term == life[d].term && answers[n].for_boot == life[d].boot -> \
			hear_answer(d, answers[n]) \
		:: else \
		fi; \
		forget() } \
	:: atomic { copy.there && restores < RESTORES && starts < STARTS -> \
		restores++; copy_disk(copy, disk[d]); start(d); forget() }

inline select_below(limit) {
	n = 0;
	do
	:: n + 1 < limit -> n++
	:: break
	od
}

init {
	disk[0].there = true;
	do
	DEVICE_ACTS(0)
#if DEVICES > 1
	DEVICE_ACTS(1)
#endif
	:: atomic { disk[0].there && !copy.there -> copy_disk(disk[0], copy); forget() }
	:: atomic { hellos_kept > 0 -> select_below(hellos_kept); hear_hello(hellos[n]); forget() }
	:: atomic { deltas_kept > 0 -> select_below(deltas_kept); hear_delta(deltas[n]); forget() }
	:: atomic { !(HOLDS(0, 0) && HOLDS(0, 1)) -> assert(false) }
	:: atomic { sweep_term > 0 && sweep_term == ended_term && sweeping < sweep_term ->
		sweeping = sweep_term }
	:: atomic { IS_LEFT(0) -> doc[0] = 0; doc_term[0] = 0 }
	:: atomic { IS_LEFT(1) -> doc[1] = 0; doc_term[1] = 0 }
#if DEVICES > 1
	:: atomic { !(HOLDS(1, 0) && HOLDS(1, 1)) -> assert(false) }
#endif
	od
}
