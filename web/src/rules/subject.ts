/** One record, or one row of a sub-table, with what its rules make of it: every node computed from what it reads. */
import type { Json } from "@/api/types";

import { Env, type Result, type Surroundings, type Tree } from "../expr/index.ts";
import { type Node, type Program, readsOf } from "./program.ts";
import { evaluate, personReads } from "./trees.ts";
import type { RecordState, RuledField, RuleFinding, Settled, Values } from "./types.ts";
import { type Fitted, blankOf, fitted, isBlank, isKnown, isThere, plainStart, sameValue, startOf } from "./values.ts";

const PARENT = "sys_parent";

/** What a run of a node changed, for the queue to go on with. */
export interface Effects {
  conditionChanged(subject: Subject, id: string): void;
  valueChanged(subject: Subject, field: RuledField): void;
  /** A field came or went. */
  shownChanged(subject: Subject, field: RuledField): void;
  judged(subject: Subject, field: RuledField): void;
  /** A node wants the server. */
  wanting(subject: Subject): void;
}

export class Subject implements RecordState {
  readonly values: Values = {};
  readonly hidden = new Set<string>();
  readonly required = new Set<string>();
  readonly locked = new Set<string>();
  readonly choices = new Map<string, readonly string[]>();
  readonly narrowed = new Set<string>();
  readonly faults: Record<string, string> = {};

  /** Values by field id, as expressions read them. */
  readonly record: Record<string, unknown> = {};
  readonly entered = new Map<string, Json>();
  readonly mended = new Map<string, Fitted>();
  readonly conditions = new Map<string, boolean>();
  readonly found = new Map<string, readonly RuleFinding[]>();
  readonly waiting = new Set<Node>();
  /** Nodes that took the server's word. */
  readonly leaning = new Set<Node>();
  readonly misfits = new Set<string>();
  /** Keys of what was entered and its own type refuses. */
  readonly refused = new Set<string>();
  /** Rows that count, by sub-table; while it is hidden, those that are kept. */
  readonly rows = new Map<string, Subject[]>();
  settled: Settled | null = null;
  /** While an answer of the server is taken in, which knows better than what was guessed. */
  isHearing = false;
  /** Keys whose defaults only the server works out. */
  readonly waitingFor = new Set<string>();
  place = "";

  readonly program: Program;
  readonly parent: Subject | null;
  readonly isNew: boolean;
  /** What is stored, or what a new record begins with. */
  readonly initial: Values = {};
  readonly #env: Env;
  /** Values as they were entered, which is all that defaults see. */
  readonly #raw: Record<string, unknown> = {};
  readonly #rawEnv: Env;
  readonly #person: Readonly<Record<string, unknown>>;
  readonly #unknown: ReadonlySet<string>;

  constructor(program: Program, base: Values | null, around: Surroundings, parent: Subject | null, unknown: ReadonlySet<string>) {
    this.program = program;
    this.parent = parent;
    this.isNew = base === null;
    this.#unknown = unknown;
    this.#person = around.user?.fields ?? {};
    const old: Record<string, unknown> = {};
    if (parent) this.record[PARENT] = parent.record;
    for (const field of program.entity.fields) {
      if (field.id === PARENT && parent) continue;
      const stored = base ? base[field.key] : undefined;
      if (base) old[field.id] = stored ?? null;
      this.#begin(field, stored ?? (base ? blankOf(field) : startOf(field, around, parent?.values ?? null)));
    }
    if (base?.id) this.record.sys_id = base.id;
    this.#env = new Env(this.record, { ...around, old: base ? old : {} });
    this.#rawEnv = new Env(this.#raw, around);
    for (const field of this.defaults()) this.#begin(field, this.initial[field.key]!);
  }

  #begin(field: RuledField, value: Json): void {
    this.initial[field.key] = value;
    if (field.type === "subtable") return;
    this.values[field.key] = value;
    this.record[field.id] = value;
  }

  /** Works out the defaults of a new record from what was entered; returns the fields that begin with another now. */
  defaults(): RuledField[] {
    const { meta, byKey, entity } = this.program;
    const names = Object.keys(meta.defaults);
    if (!this.isNew || !names.length) return [];
    for (const field of entity.fields) {
      const given = this.entered.has(field.key) && !this.isFilled(field.key);
      this.#raw[field.id] = given ? this.#given(field) : this.#plain(field);
    }
    const changed: RuledField[] = [];
    for (const key of names) {
      const [field, tree] = [byKey.get(key), meta.defaults[key]];
      if (!field) continue;
      const value = this.#default(field, tree, key);
      if (!this.entered.has(key)) this.#raw[field.id] = value;
      if (sameValue(field, this.initial[key], value)) continue;
      this.initial[key] = value;
      changed.push(field);
    }
    return changed;
  }

  #default(field: RuledField, tree: Tree | null | undefined, key: string): Json {
    const plain = this.#plain(field) as Json;
    const reach = tree && !this.#isOutOfReach(tree) && !this.#isGuess(tree) && !readsOf(tree).above.length;
    const result = reach && !this.program.meta.fit[key]?.server ? evaluate(tree, this.#rawEnv) : null;
    mark(this.waitingFor, key, !result);
    if (!result) return this.settled && key in this.settled.values && !(key in this.program.meta.set) ? this.settled.values[key]! : plain;
    if ("error" in result) return plain;
    const made = fitted(result, tree!, field, this.program.meta.fit[field.key]).value;
    return isBlank(made) ? plain : made;
  }

  #plain(field: RuledField): unknown {
    if (field.system) return this.initial[field.key];
    return field.type === "subtable" ? [] : plainStart(field);
  }

  // -- reading -----------------------------------------------------------------------------------------------------

  /** The result of a tree; null where only the server knows. */
  #run(tree: Tree | null | undefined): Result | null {
    if (!tree || this.#isOutOfReach(tree)) return null;
    return evaluate(tree, this.#env);
  }

  #isOutOfReach(tree: Tree): boolean {
    const { own, above } = readsOf(tree);
    const { byId } = this.program;
    return (
      own.some((id) => !this.knows(byId.get(id)) && !(id === PARENT && this.parent)) ||
      (above.length > 0 && (!this.parent || above.some((id) => !this.parent!.knows(this.parent!.program.byId.get(id))))) ||
      personReads(tree).some((id) => !Object.hasOwn(this.#person, id))
    );
  }

  /** Whether a tree reads something typed that the server will write in its own way. */
  #isGuess(tree: Tree): boolean {
    const { own, above } = readsOf(tree);
    return own.some((id) => this.isTyped(id)) || above.some((id) => this.parent?.isTyped(id) === true);
  }

  /** Whether a field (by id) holds what was typed and is not yet as it will be stored. */
  isTyped(id: string): boolean {
    const field = this.program.byId.get(id);
    return field !== undefined && this.entered.has(field.key) && !isKnown(field, this.values[field.key]);
  }

  knows(field: RuledField | undefined): boolean {
    return field !== undefined && (field.level === "read" || field.level === "write") && !this.#unknown.has(field.key);
  }

  /** Whether a rule's condition holds; one without a condition always does. */
  holds(rule: string): boolean {
    return this.program.conditions.has(rule) ? this.conditions.get(rule) === true : true;
  }

  /** Whether an `always` rule gives the value, so that nothing a person entered is sent. */
  isFilled(key: string): boolean {
    return (this.program.meta.set[key] ?? []).some((rule) => rule.moment === "always" && this.holds(rule.rule));
  }

  /** Whether what was entered is sent: what is not there is ignored, but defaults see it. */
  isSent(key: string): boolean {
    return (!this.hidden.has(key) || (this.isNew && this.program.seeds.has(key))) && !this.isFilled(key);
  }

  /** Whether a field (by id) is not what is stored; in a new record, whether anything is there. */
  changed(id: string): boolean {
    const field = this.program.byId.get(id);
    if (!field) return false;
    if (field.type === "subtable") return this.#rowsChanged(field.key);
    if (this.isNew) return isThere(this.values[field.key]);
    return !sameValue(field, this.values[field.key], this.initial[field.key]);
  }

  #rowsChanged(key: string): boolean {
    const rows = this.rows.get(key) ?? [];
    const stored = (this.initial[key] as Values[] | null) ?? [];
    if (this.isNew) return rows.length > 0;
    return rows.length !== stored.length || rows.some((row, at) => row.isNew || row.id !== stored[at]?.id || row.#isTouched());
  }

  #isTouched(): boolean {
    return this.program.entity.fields.some((field) => !field.system && this.changed(field.id));
  }

  get id(): string | null {
    return (this.record.sys_id as string | undefined) ?? null;
  }

  /** Whether anything trees read changed, here or in the record above. */
  readsChange(...trees: (Tree | null | undefined)[]): boolean {
    return trees.some((tree) => {
      if (!tree) return false;
      const { own, above } = readsOf(tree);
      return own.some((id) => this.changed(id)) || above.some((id) => this.parent?.changed(id));
    });
  }

  // -- nodes -------------------------------------------------------------------------------------------------------

  run(node: Node, effects: Effects): void {
    this.leaning.delete(node);
    if (node.kind === "c") this.#condition(node, effects);
    else if (node.kind === "f") this.#value(node, node.field!, effects);
    else if (node.kind === "k") this.#check(node, effects);
    else this.#judge(node, node.field!, effects);
  }

  #lean(node: Node, effects: Effects): void {
    this.leaning.add(node);
    effects.wanting(this);
  }

  /** The result unless the server has the word; a guess stands until it has spoken. */
  #heard(tree: Tree | null | undefined, result: Result | null, node: Node, effects: Effects): Result | null {
    const isGuess = result !== null && this.#isGuess(tree!);
    if (!result || isGuess) this.#lean(node, effects);
    return isGuess && this.isHearing ? null : result;
  }

  #condition(node: Node, effects: Effects): void {
    const tree = this.program.conditions.get(node.id);
    const result = this.#heard(tree, this.#run(tree), node, effects);
    const value = result ? "value" in result && result.value === true : (this.settled?.conditions[node.id] ?? false);
    if (this.conditions.get(node.id) === value) return;
    this.conditions.set(node.id, value);
    effects.conditionChanged(this, node.id);
  }

  #value(node: Node, field: RuledField, effects: Effects): void {
    const { key } = field;
    const [gone, cleared] = this.#isGone(key);
    if (this.hidden.has(key) !== gone) {
      if (gone) this.hidden.add(key);
      else this.hidden.delete(key);
      effects.shownChanged(this, field);
    }
    if (field.type === "subtable") return;
    const emptied = cleared && !this.mended.has(key) && !(key in this.program.meta.formulas);
    const made = emptied ? { value: blankOf(field) } : this.#made(node, field, gone, effects);
    if (made.fault) this.faults[key] = made.fault;
    else delete this.faults[key];
    this.fit(field, made.misfit === true, effects);
    this.put(field, made.value, effects);
  }

  /** Notes whether what rules write fits the field. */
  fit(field: RuledField, misfit: boolean, effects: Effects): void {
    if (this.misfits.has(field.key) === misfit) return;
    mark(this.misfits, field.key, misfit);
    effects.shownChanged(this, field);
  }

  put(field: RuledField, value: Json, effects: Effects): void {
    if (sameValue(field, this.values[field.key], value)) return;
    this.values[field.key] = value;
    this.record[field.id] = value;
    effects.valueChanged(this, field);
  }

  /** Whether a field is not there, and whether it is emptied then. */
  #isGone(key: string): [boolean, boolean] {
    const rules = (this.program.meta.show[key] ?? []).filter((rule) => !this.holds(rule.rule));
    const places = this.program.places.get(key);
    const placed = !places?.length || places.some((chain) => chain.every((id) => this.conditions.get(id) === true));
    return [rules.length > 0 || !placed, rules.some((rule) => rule.clear)];
  }

  /** The value people gave it, unless it is hidden; else what it began with. */
  start(field: RuledField, gone: boolean): Json {
    if (this.mended.has(field.key)) return this.mended.get(field.key)!.value;
    return !gone && this.isGiven(field.key) ? this.#given(field) : (this.initial[field.key] ?? blankOf(field));
  }

  /** Whether something was entered; in a stored record what is refused is as if it had not been. */
  isGiven(key: string): boolean {
    return this.entered.has(key) && (this.isNew || !this.refused.has(key));
  }

  #given(field: RuledField): Json {
    return this.refused.has(field.key) ? (this.#plain(field) as Json) : this.entered.get(field.key)!;
  }

  #made(node: Node, field: RuledField, gone: boolean, effects: Effects): Fitted {
    const { formulas, set, fit } = this.program.meta;
    if (field.key in formulas) return this.#work(node, field, formulas[field.key]!, effects);
    if (this.mended.has(field.key)) return this.mended.get(field.key)!;
    if (this.waitingFor.has(field.key) && field.key in set && !this.entered.has(field.key)) return this.#told(node, field, { value: this.start(field, gone) }, effects);
    const sent = !gone && this.isGiven(field.key);
    let made: Fitted = { value: this.start(field, gone) };
    for (const rule of set[field.key] ?? []) {
      if (!this.holds(rule.rule)) continue;
      if (rule.moment === "blank" && !isBlank(made.value)) continue;
      if (rule.moment === "change" && (sent || !this.#isDue(rule.rule, rule.value))) continue;
      if (fit[field.key]?.server) return this.#told(node, field, made, effects);
      made = this.#work(node, field, rule.value, effects);
    }
    return made;
  }

  /** Whether what a rule reads changed; one that reads nothing is due once, in a new record. */
  #isDue(rule: string, tree: Tree | null): boolean {
    const trees = [tree, this.program.conditions.get(rule)];
    if (tree === null || trees[1] === null) return true; // the server's answer has the result either way
    const reads = trees.some((one) => one && (readsOf(one).own.length > 0 || readsOf(one).above.length > 0));
    return reads ? this.readsChange(...trees) : this.isNew;
  }

  #work(node: Node, field: RuledField, tree: Tree | null, effects: Effects): Fitted {
    const result = this.#heard(tree, this.#run(tree), node, effects);
    if (!result) return this.#told(node, field, { value: this.start(field, this.hidden.has(field.key)) }, effects);
    return fitted(result, tree!, field, this.program.meta.fit[field.key]);
  }

  #told(node: Node, field: RuledField, without: Fitted, effects: Effects): Fitted {
    this.#lean(node, effects);
    return this.settled && field.key in this.settled.values ? { value: this.settled.values[field.key]! } : without;
  }

  // -- judging -----------------------------------------------------------------------------------------------------

  #judge(node: Node, field: RuledField, effects: Effects): void {
    const { meta } = this.program;
    const { key } = field;
    const gone = this.hidden.has(key);
    const findings: RuleFinding[] = [];
    const tell = (code: string, rule?: string): void => {
      findings.push({ code, place: `${this.place}/${key}`, severity: "block", fields: [key], ...(rule ? { rule } : {}) });
    };
    const above = field.id === PARENT && this.parent !== null; // a row stands below its record without saying so
    mark(this.required, key, !gone && !above && !(key in meta.formulas) && (field.required === true || meta.needed.includes(key) || (meta.require[key] ?? []).some((id) => this.holds(id))));
    const locks = (meta.lock[key] ?? []).filter((id) => this.holds(id));
    const fills = (meta.set[key] ?? []).filter((rule) => rule.moment === "always" && this.holds(rule.rule));
    mark(this.locked, key, locks.length > 0 || fills.length > 0);
    const awaited = this.waitingFor.has(key) && !this.entered.has(key) && !this.settled;
    if (!gone && this.required.has(key) && !this.refused.has(key) && !awaited && this.#isMissing(field)) tell("R304");
    if (!gone && locks.length && !fills.length && this.#isMoved(field)) tell("R330", locks[0]);
    if (!gone && this.misfits.has(key) && !(key in meta.formulas)) tell("R333");
    this.#narrow(field, findings);
    if (!this.knows(field)) findings.length = 0; // nobody sees what is in it
    if (this.#keep(node, findings)) effects.judged(this, field);
  }

  /** What is blank counts where this write leaves it so, this person could have filled it, or a rule asks for it now. */
  #isMissing(field: RuledField): boolean {
    const { key } = field;
    if (field.type === "subtable" ? (this.rows.get(key) ?? []).length : !isBlank(this.values[key])) return false;
    if (this.isNew || this.changed(field.id) || (field.level === "write" && !this.#unknown.has(key))) return true;
    return this.program.asking(key).some((rule) => this.holds(rule) && this.readsChange(this.program.conditions.get(rule)));
  }

  #isMoved(field: RuledField): boolean {
    if (!this.entered.has(field.key) || this.refused.has(field.key)) return false;
    if (field.type === "subtable") return this.#rowsChanged(field.key);
    return !sameValue(field, this.entered.get(field.key), this.initial[field.key]);
  }

  #narrow(field: RuledField, findings: RuleFinding[]): void {
    const { key } = field;
    const gone = this.hidden.has(key);
    const rules = gone ? [] : (this.program.meta.choose[key] ?? []).filter((rule) => this.holds(rule.rule));
    mark(this.narrowed, key, rules.some((rule) => rule.options === null));
    const lists = rules.flatMap((rule) => (rule.options === null ? [] : [rule.options]));
    if (!lists.length) this.choices.delete(key);
    else this.choices.set(key, lists[0]!.filter((one) => lists.every((list) => list.includes(one))));
    const value = this.values[key] ?? null;
    const chosen = isBlank(value) ? [] : Array.isArray(value) ? value : [value];
    for (const rule of rules) {
      if (rule.options === null || chosen.every((one) => rule.options!.includes(String(one)))) continue;
      if (!(this.isNew || this.changed(field.id) || this.readsChange(this.program.conditions.get(rule.rule)))) continue;
      findings.push({ code: "R331", place: `${this.place}/${key}`, severity: "block", rule: rule.rule, fields: [key] });
      return;
    }
  }

  #check(node: Node, effects: Effects): void {
    const check = node.check!;
    this.#keep(node, this.#judged(node, effects));
    if (check.check === null) this.#lean(node, effects); // whatever it reads
  }

  #judged(node: Node, effects: Effects): RuleFinding[] {
    const check = node.check!;
    const { byId, byKey } = this.program;
    if (!this.holds(check.rule) || (check.about.length && check.about.every((key) => this.hidden.has(key)))) return [];
    if (!this.isNew && !this.readsChange(check.check, this.program.conditions.get(check.rule))) return [];
    const own = check.check ? readsOf(check.check).own.flatMap((id) => byId.get(id)?.key ?? []) : [];
    const mends = check.severity === "fix" && !this.mended.size;
    if (!mends && [...own, ...check.fields].some((key) => this.#isWrong(key))) return [];
    const result = this.#heard(check.check, this.#run(check.check), node, effects);
    if (!result || ("value" in result && result.value === true)) return [];
    if (this.leaning.has(node) && this.settled) return []; // it says so itself
    const at = check.fields.find((key) => byKey.has(key) && !this.hidden.has(key)) ?? "";
    const place = at ? `${this.place}/${at}` : this.place;
    const failed = "error" in result;
    const mending = check.severity === "fix" && !failed;
    if (mending && Object.entries(check.values).some(([key, tree]) => !this.#run(tree) || this.program.meta.fit[key]?.server)) {
      this.#lean(node, effects);
      if (this.settled) return []; // it says what it writes
    }
    const severity = failed || (check.severity === "fix" && this.mended.size > 0) ? "block" : check.severity;
    return [
      { code: failed ? "R323" : "R325", place, severity, rule: check.rule, message: check.message, fields: check.fields,
        ...(mending ? this.#mending(check.values) : {}) },
    ];
  }

  #isWrong(key: string): boolean {
    return (this.refused.has(key) && !this.hidden.has(key)) || Boolean(this.found.get(`j:${key}`)?.length);
  }

  #mending(trees: Record<string, Tree | null>): Pick<RuleFinding, "values" | "misfits"> {
    const values: Values = {};
    const misfits: string[] = [];
    for (const [key, tree] of Object.entries(trees)) {
      const [field, result] = [this.program.byKey.get(key), this.#run(tree)];
      if (!field || !tree || !result) continue;
      const made = fitted(result, tree, field, this.program.meta.fit[key]);
      values[key] = made.value;
      if (made.misfit) misfits.push(key);
    }
    return { values, misfits };
  }

  /** Notes what a node found; says whether it found anything before or now. */
  #keep(node: Node, findings: readonly RuleFinding[]): boolean {
    const name = `${node.kind}:${node.id}`;
    const had = this.found.delete(name);
    if (findings.length) this.found.set(name, findings);
    return had || findings.length > 0;
  }
}

function mark(set: Set<string>, key: string, on: boolean): void {
  if (on) set.add(key);
  else set.delete(key);
}
