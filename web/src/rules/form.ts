/** A form's record and the rows of its sub-tables: what is entered goes in, what the rules make of it comes out. */
import type { Json } from "@/api/types";

import { findingsOf } from "./findings.ts";
import { type Node, Program } from "./program.ts";
import { Queue } from "./queue.ts";
import { type Effects, Subject } from "./subject.ts";
import type {
  RecordState, RuledEntity, RuledField, RuleFinding, Rules, RulesOptions, SettleRequest, Settled, Touched, Values,
} from "./types.ts";
import { sameValue, settledValue } from "./values.ts";

const NOTHING: ReadonlySet<string> = new Set();
/** A form that has not settled by then is in a circle that publishing should have refused. */
const MOST_RUNS = 2_000_000;
/** How often defaults follow what their own rules fill in. */
const MOST_ROUNDS = 3;

export class FormRules implements Rules, Effects {
  readonly state: Subject;
  readonly #options: RulesOptions;
  readonly #programs = new Map<string, Program>();
  readonly #queue = new Queue();
  /** The rows a person sees by sub-table, and the objects they were read from. */
  readonly #sheets = new Map<string, { rows: Subject[]; objects: readonly Values[] }>();
  /** The rows of a sub-table as they are stored, once somebody changed them and they are hidden. */
  readonly #kept = new Map<string, Subject[]>();
  readonly #asks: ReadonlySet<string>;
  readonly #rowAsks = new Map<string, ReadonlySet<string>>();
  #keys = new Set<string>();
  #rows = new Map<string, Set<number>>();
  /** New records whose defaults may see other values now: what a rule fills in is not what was entered. */
  readonly #refilled = new Set<Subject>();
  #stale = false;
  #version = 0;
  #asked = -1;

  constructor(options: RulesOptions) {
    this.#options = options;
    const { entity, form, base, around, unknown } = options;
    const program = new Program(entity, form, form);
    this.#asks = new Set(program.meta.asks);
    this.#stale = this.#asks.size > 0;
    this.state = new Subject(program, base, around, null, unknown ?? NOTHING);
    for (const field of program.subtables) {
      const target = this.#target(field);
      if (target) this.#rowAsks.set(field.key, new Set(target.rules?.asks ?? []));
      this.#show(field, this.#stored(field));
    }
    this.#start(this.state);
    for (const [key, value] of Object.entries(options.prefill ?? {})) this.#enter(key, value);
    this.#settle();
    if (this.state.waitingFor.size) this.#stale = true;
  }

  // -- reading -----------------------------------------------------------------------------------------------------

  row(field: string, index: number): RecordState | undefined {
    return this.state.rows.get(field)?.[index];
  }

  shown(name: string): boolean {
    const { program, hidden } = this.state;
    if (program.byKey.has(name)) return !hidden.has(name);
    return (program.items.get(name) ?? []).every((id) => this.state.holds(id));
  }

  required(key: string): boolean {
    return this.state.required.has(key);
  }

  locked(key: string): boolean {
    return this.state.locked.has(key);
  }

  choices(key: string): readonly string[] | null {
    return this.state.choices.get(key) ?? null;
  }

  narrowed(key: string): boolean {
    return this.state.narrowed.has(key);
  }

  findings(): readonly RuleFinding[] {
    return [...this.#subjects()].flatMap(findingsOf);
  }

  *#every(): Generator<Subject> {
    yield this.state;
    for (const { rows } of this.#sheets.values()) yield* rows;
  }

  /** The record and the rows that will be written with it. */
  *#subjects(): Generator<Subject> {
    yield this.state;
    for (const [key, rows] of this.state.rows) if (!this.state.hidden.has(key) && this.#isSent(key)) yield* rows;
  }

  /** Whether a write brings the rows of a sub-table along: somebody, or a rule, changed something in them. */
  #isSent(key: string): boolean {
    const { state } = this;
    return state.isNew ? state.entered.has(key) : state.changed(state.program.byKey.get(key)!.id);
  }

  entered(): Values {
    const { state } = this;
    const tables = state.program.subtables.filter(({ key }) => !state.hidden.has(key) && this.#isSent(key));
    return this.#bodies(tables, (subject, key) => subject.isSent(key));
  }

  /** What was entered, where it goes. */
  #bodies(tables: readonly RuledField[], goes: (subject: Subject, key: string) => boolean): Values {
    const found: Values = {};
    const { state } = this;
    for (const [key, value] of state.entered) {
      const field = state.program.byKey.get(key);
      if (!field || field.type === "subtable" || !goes(state, key)) continue;
      if (state.isNew || !sameValue(field, value, state.initial[key])) found[key] = value;
    }
    for (const { key } of tables) found[key] = (this.#sheets.get(key)?.rows ?? []).map((row) => rowBody(row, goes));
    return found;
  }

  // -- entering ----------------------------------------------------------------------------------------------------

  set(key: string, value: Json): Touched {
    this.#enter(key, value);
    return this.#settle();
  }

  release(key: string): Touched {
    const { state } = this;
    const field = state.program.byKey.get(key);
    this.#version += 1;
    state.entered.delete(key);
    if (field) this.#refuse(state, field, false);
    if (field?.type === "subtable") this.#show(field, this.#stored(field));
    else if (field) this.#again(state, field);
    for (const one of state.defaults()) this.#again(state, one);
    return this.#settle();
  }

  mend(): Touched {
    for (const subject of this.#subjects()) {
      for (const finding of findingsOf(subject)) {
        for (const [key, value] of Object.entries(finding.values ?? {})) {
          const field = subject.program.byKey.get(key);
          if (!field || subject.mended.has(key)) continue;
          subject.mended.set(key, { value, misfit: finding.misfits?.includes(key) === true });
          this.#again(subject, field);
        }
      }
    }
    for (const subject of this.#subjects()) for (const node of subject.program.nodes) if (node.kind === "k") this.#queue.add(subject, node);
    return this.#settle();
  }

  #enter(key: string, typed: Json): void {
    this.#version += 1;
    const { state } = this;
    const field = state.program.byKey.get(key);
    if (!field) return;
    state.mended.delete(key);
    const value = this.#taken(state, field, typed);
    if (!state.isNew && field.type !== "subtable" && sameValue(field, value, state.initial[key])) state.entered.delete(key);
    else state.entered.set(key, value);
    if (field.type === "subtable") this.#show(field, (value ?? []) as Values[]);
    else this.#again(state, field);
    for (const one of state.defaults()) this.#again(state, one);
  }

  /** What was typed as it will be stored; what the field's own type refuses stays as it is, and is noted. */
  #taken(subject: Subject, field: RuledField, typed: Json): Json {
    const isRefused = this.#options.refuses?.(field, typed) === true;
    this.#refuse(subject, field, isRefused);
    return isRefused ? typed : settledValue(field, typed);
  }

  #refuse(subject: Subject, field: RuledField, is: boolean): void {
    if (is === subject.refused.has(field.key)) return;
    if (is) subject.refused.add(field.key);
    else subject.refused.delete(field.key);
    this.judged(subject, field);
  }

  /** A field's value is worked out anew: by its node, or it is just what was entered. */
  #again(subject: Subject, field: RuledField): void {
    const node = subject.program.byField.get(field.key);
    if (node) this.#queue.add(subject, node);
    else {
      subject.fit(field, subject.mended.get(field.key)?.misfit === true, this);
      subject.put(field, subject.start(field, false), this);
    }
    const judge = subject.program.judges.get(field.key);
    if (judge) this.#queue.add(subject, judge);
  }

  // -- rows --------------------------------------------------------------------------------------------------------

  #target(field: RuledField): RuledEntity | undefined {
    return this.#options.entityOf(String(field.options?.entity ?? ""));
  }

  #stored(field: RuledField): Values[] {
    return (this.state.initial[field.key] as Values[] | null) ?? [];
  }

  #programOf(entity: RuledEntity): Program {
    let found = this.#programs.get(entity.key);
    if (!found) {
      found = new Program(entity, null, this.#options.form);
      this.#programs.set(entity.key, found);
    }
    return found;
  }

  /** Takes the rows of a sub-table as they are now. Row objects that are the same as before are not looked at. */
  #show(field: RuledField, objects: readonly Values[]): void {
    const target = this.#target(field);
    if (!target) return;
    const sheet = this.#sheets.get(field.key) ?? { rows: [], objects: [] };
    const byObject = new Map(sheet.objects.map((object, at) => [object, sheet.rows[at]!]));
    const byId = new Map(sheet.rows.flatMap((row) => (row.id ? [[row.id, row] as const] : [])));
    const taken = new Set<Subject>();
    const rows = objects.map((object, at) => {
      const place = `/${field.key}/${at}`;
      const known = byObject.get(object) ?? (object.id ? byId.get(String(object.id)) : sameSpot(sheet.rows[at]));
      const row = known && !taken.has(known) ? known : this.#newRow(field, target, object);
      taken.add(row);
      if (row.place !== place) this.#move(row, place);
      if (byObject.get(object) !== row) this.#cells(row, object);
      return row;
    });
    this.#sheets.set(field.key, { rows, objects });
    this.#apply(field);
  }

  #newRow(field: RuledField, target: RuledEntity, object: Values): Subject {
    const stored = object.id ? (this.#stored(field).find((one) => one.id === object.id) ?? null) : null;
    const row = new Subject(this.#programOf(target), stored, this.#options.around, this.state, NOTHING);
    for (const inner of row.program.subtables) row.record[inner.id] = stored?.[inner.key] ?? [];
    this.#start(row);
    if (row.waitingFor.size) this.#stale = true;
    return row;
  }

  /** A row that moved is judged again: its findings name its place. */
  #move(row: Subject, place: string): void {
    row.place = place;
    for (const node of row.program.nodes) if (row.found.has(`${node.kind}:${node.id}`)) this.#queue.add(row, node);
  }

  #cells(row: Subject, object: Values): void {
    for (const field of row.program.entity.fields) {
      if (field.system || field.type === "subtable") continue;
      const typed = object[field.key];
      const value = typed === undefined ? undefined : this.#taken(row, field, typed);
      const isEntered = value !== undefined && (row.isNew || !sameValue(field, value, row.initial[field.key]));
      if (isEntered === row.entered.has(field.key) && (!isEntered || sameValue(field, value, row.entered.get(field.key)))) continue;
      if (isEntered) row.entered.set(field.key, value);
      else row.entered.delete(field.key);
      if (!isEntered) this.#refuse(row, field, false);
      row.mended.delete(field.key);
      this.#again(row, field);
    }
    for (const one of row.defaults()) this.#again(row, one);
  }

  /** The rows that count: those a person sees, or what is kept or left of a hidden sub-table. */
  #apply(field: RuledField): void {
    const { state } = this;
    const sheet = this.#sheets.get(field.key)?.rows ?? [];
    const clears = (state.program.meta.show[field.key] ?? []).some((rule) => rule.clear && !state.holds(rule.rule));
    const rows = !state.hidden.has(field.key) ? sheet : clears ? [] : this.#storedRows(field, sheet);
    state.rows.set(field.key, rows);
    state.record[field.id] = rows.map((row) => row.record);
    state.values[field.key] = rows.map((row) => row.values) as Json;
    this.valueChanged(state, field);
  }

  /** The rows as they are stored: what was done to those of a hidden sub-table counts for nothing. */
  #storedRows(field: RuledField, sheet: Subject[]): Subject[] {
    if (!this.state.entered.has(field.key)) return sheet;
    const target = this.#target(field);
    let found = this.#kept.get(field.key);
    if (!found && target) {
      found = this.#stored(field).map((object, at) => {
        const row = this.#newRow(field, target, object);
        row.place = `/${field.key}/${at}`;
        return row;
      });
      this.#kept.set(field.key, found);
    }
    return found ?? [];
  }

  // -- running -----------------------------------------------------------------------------------------------------

  #start(subject: Subject): void {
    for (const node of subject.program.nodes) this.#queue.add(subject, node);
  }

  #settle(): Touched {
    this.#drain();
    for (let round = 0; round < MOST_ROUNDS && this.#refilled.size; round += 1) {
      const subjects = [...this.#refilled];
      this.#refilled.clear();
      for (const subject of subjects) for (const one of subject.defaults()) this.#again(subject, one);
      this.#drain();
    }
    this.#refilled.clear();
    const touched = { keys: this.#keys, rows: this.#rows };
    this.#keys = new Set();
    this.#rows = new Map();
    return touched;
  }

  #drain(): void {
    let runs = 0;
    for (let entry = this.#queue.next(); entry; entry = this.#queue.next()) {
      if ((runs += 1) > MOST_RUNS) throw new RangeError("the rules of this form go round in a circle");
      entry.subject.run(entry.node, this);
      this.#note(entry.subject, entry.node.field?.key ?? "");
    }
  }

  #note(subject: Subject, key: string): void {
    if (subject === this.state) {
      if (key) this.#keys.add(key);
      return;
    }
    const [, field, row] = subject.place.split("/");
    const rows = this.#rows.get(field!) ?? new Set();
    rows.add(Number(row));
    this.#rows.set(field!, rows);
    this.#keys.add(field!);
  }

  #wake(subject: Subject, nodes: readonly Node[] | undefined): void {
    for (const node of nodes ?? []) this.#queue.add(subject, node);
  }

  conditionChanged(subject: Subject, id: string): void {
    this.#wake(subject, subject.program.uses.get(id));
    if (subject.isNew && subject.program.seeds.size) this.#refilled.add(subject);
  }

  valueChanged(subject: Subject, field: RuledField): void {
    this.#note(subject, field.key);
    this.#wake(subject, subject.program.readers.get(field.id));
    const asks = subject === this.state ? this.#asks : this.#rowAsks.get(subject.place.split("/")[1] ?? "");
    if (asks?.has(field.key)) this.#stale = true;
    if (subject.leaning.size) this.#stale = true;
    if (subject === this.state) {
      for (const [key, rows] of this.state.rows) if (key !== field.key) for (const row of rows) this.#wake(row, row.program.readersAbove.get(field.id));
      return;
    }
    const above = this.state.program.byKey.get(subject.place.split("/")[1] ?? "");
    if (above) this.#wake(this.state, this.state.program.readers.get(above.id));
  }

  shownChanged(subject: Subject, field: RuledField): void {
    const judge = subject.program.judges.get(field.key);
    if (judge) this.#queue.add(subject, judge);
    this.judged(subject, field);
    if (field.type === "subtable" && subject === this.state && this.#sheets.has(field.key)) this.#apply(field);
  }

  /** Checks look at what the fields they read were found to lack. */
  judged(subject: Subject, field: RuledField): void {
    this.#wake(subject, subject.program.readers.get(field.id)?.filter((node) => node.kind === "k"));
  }

  wanting(subject: Subject): void {
    if (!subject.settled) this.#stale = true;
  }

  // -- the server --------------------------------------------------------------------------------------------------

  ask(): SettleRequest | null {
    if (!this.#stale) return null;
    this.#asked = this.#version;
    const { form } = this.#options;
    const id = this.state.id;
    return { ...(id ? { id } : {}), ...(form?.id ? { form: form.id } : {}), values: this.#question() };
  }

  /** All that was entered, for the server to say what is there; and rows that want its word though nobody changed them. */
  #question(): Values {
    const { state } = this;
    const wanted = ({ key }: RuledField) => state.entered.has(key) || this.#sheets.get(key)?.rows.some((row) => row.leaning.size > 0) === true;
    return this.#bodies(state.program.subtables.filter(wanted), (subject, key) => !subject.isFilled(key));
  }

  answer(settled: Settled): Touched {
    this.#hear(this.state, settled);
    for (const [key, answers] of Object.entries(settled.rows ?? {})) {
      this.#sheets.get(key)?.rows.forEach((row, at) => answers[at] && this.#hear(row, answers[at]));
    }
    for (const subject of this.#every()) subject.isHearing = true;
    const touched = this.#settle();
    for (const subject of this.#every()) subject.isHearing = false;
    this.#stale = this.#version !== this.#asked; // what the answer itself changed was part of the question
    return touched;
  }

  #hear(subject: Subject, settled: Settled): void {
    subject.settled = settled;
    for (const node of subject.leaning) this.#queue.add(subject, node);
    for (const one of subject.defaults()) this.#again(subject, one);
    for (const key of subject.waitingFor) {
      const judge = subject.program.judges.get(key);
      if (judge) this.#queue.add(subject, judge);
    }
  }
}

/** A row at the same spot that was never stored may be the same row in a new object. */
function sameSpot(row: Subject | undefined): Subject | undefined {
  return row?.isNew ? row : undefined;
}

function rowBody(row: Subject, goes: (subject: Subject, key: string) => boolean): Values {
  const shown = [...row.entered].filter(([key]) => goes(row, key));
  return { ...(row.id ? { id: row.id } : {}), ...Object.fromEntries(shown) };
}
