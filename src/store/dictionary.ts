/** Shapes and sides of a history, as far as they were read, and which of them pass a term of a filter. */
import type { DatabaseSync } from "node:sqlite";
import type { Expression } from "../capture/filter/expression.ts";
import { compileExpression } from "../capture/filter/match.ts";
import type { Subject } from "../capture/filter/subject.ts";
import { type ShapeRow, shapeSubject, type SideRow, sideSubject, soapOfShape } from "./shape.ts";

/** Rows of one table by their id, each with a record that stands for it. */
class Entries<Row> {
  readonly rows = new Map<number, Row>();
  readonly #subjects = new Map<number, Subject>();
  readonly #table: string;
  readonly #subjectOf: (row: Row) => Subject | undefined;
  #last = 0;

  constructor(table: string, subjectOf: (row: Row) => Subject | undefined) {
    this.#table = table;
    this.#subjectOf = subjectOf;
  }

  /** Reads what has come since; ids only rise. */
  refresh(db: DatabaseSync): void {
    for (const row of db.prepare(`SELECT * FROM ${this.#table} WHERE id > ? ORDER BY id`).all(this.#last)) {
      const id = row.id as number;
      this.#last = id;
      this.rows.set(id, row as Row);
      const subject = this.#subjectOf(row as Row);
      if (subject !== undefined) this.#subjects.set(id, subject);
    }
  }

  forget(): void {
    this.rows.clear();
    this.#subjects.clear();
    this.#last = 0;
  }

  passing(term: Expression): ReadonlySet<number> {
    const test = compileExpression(term, () => "", soapOfShape);
    const ids = new Set<number>();
    for (const [id, subject] of this.#subjects) if (test(subject)) ids.add(id);
    return ids;
  }
}

/** What many records share, by id. */
export class Dictionary {
  readonly #shapes = new Entries<ShapeRow>(
    "shapes",
    (row) => row.type === "lost" ? undefined : shapeSubject(row),
  );
  readonly #sides = new Entries<SideRow>("sides", sideSubject);
  #epoch = -1;

  /** Reads what has come since. */
  refresh(db: DatabaseSync): void {
    const epoch = Number(db.prepare("SELECT value FROM meta WHERE name = 'epoch'").get()?.value);
    if (epoch !== this.#epoch) {
      this.#shapes.forget();
      this.#sides.forget();
      this.#epoch = epoch;
    }
    this.#shapes.refresh(db);
    this.#sides.refresh(db);
  }

  /** All shapes. */
  get shapes(): ReadonlyMap<number, ShapeRow> {
    return this.#shapes.rows;
  }

  /** All sides. */
  get sides(): ReadonlyMap<number, SideRow> {
    return this.#sides.rows;
  }

  /** The shapes that pass a term which depends on the shape alone. */
  shapesPassing(term: Expression): ReadonlySet<number> {
    return this.#shapes.passing(term);
  }

  /** The sides that pass a term which depends on the side alone. */
  sidesPassing(term: Expression): ReadonlySet<number> {
    return this.#sides.passing(term);
  }

  /** The shapes of `lost` records, which pass every filter. */
  lostShapes(): ReadonlySet<number> {
    return new Set([...this.#shapes.rows].filter(([, { type }]) => type === "lost").map(([id]) => id));
  }
}
