import type { Row } from "./report.js";
import type { Measurement } from "./statistics.js";

type Told = Pick<Row, "target" | "reference" | "note">;

/** What a subject gets, and where it leaves what it found. */
export class Context {
  readonly rows: Row[] = [];
  /** The subject that runs. */
  subject = "";

  constructor(
    /** Fewer and shorter runs: to see that all of it works, not to compare numbers. */
    readonly quick: boolean,
    /** ROS_DOMAIN_ID of everything that is started. */
    readonly domain: number,
    /** Folder for pseudo-terminals and profiles; goes when the bench ends. */
    readonly temporary: string,
    /** Executable of a Micro XRCE-DDS Agent to measure the same way, if there is one. */
    readonly peerAgent: string | undefined,
  ) {}

  /** How often a measurement is repeated. */
  get runs(): number {
    return this.quick ? 1 : 5;
  }

  measured(what: string, measured: Measurement, told: Told = {}): void {
    this.add({ subject: this.subject, what, outcome: "measured", measured, ...told });
  }

  /** @param why what is missing and, if the reader can, how to bring it */
  notMeasured(what: string, why: string, told: Told = {}): void {
    this.add({ subject: this.subject, what, outcome: "not measured", why, ...told });
  }

  failed(what: string, why: string): void {
    this.add({ subject: this.subject, what, outcome: "failed", why });
  }

  private add(row: Row): void {
    this.rows.push(row);
  }
}

/** One file of the bench. */
export interface Subject {
  readonly name: string;
  run(context: Context): Promise<void>;
}
