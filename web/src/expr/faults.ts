/** What ends an evaluation early. */

export type Code = "DIV0" | "NUM" | "VALUE" | "NA" | "LIMIT";

/** An error value of the language on its way up to where it is absorbed. Thrown often, so it carries no stack. */
export class Fault {
  static readonly DIV0 = new Fault("DIV0");
  static readonly NUM = new Fault("NUM");
  static readonly VALUE = new Fault("VALUE");
  static readonly NA = new Fault("NA");
  static readonly LIMIT = new Fault("LIMIT");

  readonly code: Code;

  private constructor(code: Code) {
    this.code = code;
  }
}

/** This expression, or this record, needs the server: the reason says what is missing here. */
export class Unsupported extends Error {}
