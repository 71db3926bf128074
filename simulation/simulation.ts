import { SimulatedBoard } from "./board.js";
import type { LogLine } from "./firmware.js";
import { type Graph, SimulatedGraph } from "./graph.js";
import { Hardware } from "./hardware/hardware.js";
import type { I2cBus } from "./hardware/i2c.js";
import type { Pin } from "./hardware/pin.js";
import type { SpiBus } from "./hardware/spi.js";
import { Link, type LinkOptions } from "./link.js";
import { LinkedGraph } from "./linked-graph.js";
import { loadApp } from "./load.js";
import { Interfaces } from "./peer/interfaces.js";
import { Peer } from "./peer/peer.js";
import { Random } from "./random.js";
import { Timeline } from "./timeline.js";
import { Waiting } from "./waiting.js";

export interface SimulationOptions {
  /** Of all that is random here, for apps and tests: the ids of goals. Links have seeds of their own. Default 1. */
  readonly seed?: number;
  /** Nanoseconds since 1970 when virtual time begins; 0 for boards whose clock is never synchronised. Default: 2026-01-01. */
  readonly rosTimeAtStart?: bigint;
}

export interface AppOptions {
  /** What lies between the board and its agent; a perfect line if not given. */
  readonly link?: LinkOptions;
  /** What the app finds stored; kept over restarts. */
  readonly storage?: Map<string, Uint8Array>;
  /** Pins and buses with what is connected to them before the app starts; kept over restarts. */
  readonly hardware?: Hardware;
  /** Largest sample the link carries, in octets; no limit if not given. */
  readonly sampleLimit?: number;
  /** Function entries and turns of loops after which the app counts as hung; 0: never, and twice as fast. Default 20 million. */
  readonly loopLimit?: number;
  /** Folder whose `interfaces/` defines the app's own types; the app's if not given. */
  readonly project?: string;
}

const NEW_YEAR_2026_NS = 1_767_225_600_000_000_000n;

/** Boards that meet on one simulated graph, in one virtual time. */
export class Simulation {
  readonly graph: Graph = new SimulatedGraph();
  readonly boards: Board[] = [];
  readonly waiting = new Waiting(this.graph);
  readonly timeline = new Timeline(this.graph.clock);
  readonly interfaces = new Interfaces();
  readonly random: Random;
  readonly rosTimeAtStart: bigint;

  constructor({ seed = 1, rosTimeAtStart = NEW_YEAR_2026_NS }: SimulationOptions = {}) {
    this.random = new Random(seed);
    this.rosTimeAtStart = rosTimeAtStart;
    this.graph.join(this.timeline);
  }

  /**
   * Adds a board and starts its app.
   * @param app folder or main file of an app, which is built; a built `app.wasm`, or its octets
   * @throws BUILD_…, IDL_…, ABI_…, BOARD_APP_FAILED, SIM_APP, SIM_LINK
   */
  async add(app: string | Uint8Array, options: AppOptions = {}): Promise<Board> {
    const { wasm, project } = typeof app === "string" ? await loadApp(app) : { wasm: app, project: "." };
    this.interfaces.add(options.project ?? project);
    const board = new Board(this, wasm, options);
    this.boards.push(board);
    return board;
  }

  /** Lets `ms` milliseconds pass at once; everything due in them happens at its time. */
  advance(ms: number): void {
    this.waiting.advance(ms);
  }

  /** Virtual time in milliseconds since the simulation began. */
  get now(): number {
    return Number(this.graph.clock.now) / 1e6;
  }

  services = () => this.boards.flatMap(({ core }) => [...core.services.values()]);
  publishers = () => this.boards.flatMap(({ core }) => [...core.publishers.values()]);
  subscriptions = () => this.boards.flatMap(({ core }) => [...core.subscriptions.values()]);
}

/** A simulated board with its app, and the test's own node beside it on the graph. */
export class Board extends Peer {
  /** The board itself, below the values of interfaces: octets, handles, faults. */
  core: SimulatedBoard;
  /** What the app has stored, by key. */
  readonly storage: Map<string, Uint8Array>;
  /** The board's pins and buses. */
  readonly hardware: Hardware;
  private readonly graphOfBoard: Graph;
  private readonly earlierLogs: LogLine[] = [];

  constructor(
    readonly simulation: Simulation,
    private readonly wasm: Uint8Array,
    private readonly options: AppOptions,
  ) {
    const { graph, waiting, interfaces, random, timeline } = simulation;
    super(graph, waiting, simulation, interfaces, random);
    this.storage = options.storage ?? new Map();
    this.hardware = options.hardware ?? new Hardware();
    this.hardware.onChange = () => graph.settle();
    this.graphOfBoard =
      options.link === undefined ? graph : new LinkedGraph(graph, new Link(options.link), timeline);
    this.core = this.boot();
  }

  /** All lines the app has logged, oldest first; also those from before a restart. */
  get logs(): readonly LogLine[] {
    return [...this.earlierLogs, ...this.core.logs];
  }

  /** Why the app was started anew, each time: uncaught errors, endless loops. */
  get traps(): readonly string[] {
    return this.core.traps;
  }

  /** A pin: its level, what drives it, its PWM and voltage. @throws SIM_PIN */
  pin(number: number): Pin {
    return this.hardware.pin(number);
  }

  /** An I2C bus, to connect devices to. @throws SIM_PIN */
  i2c(bus: number): I2cBus {
    return this.hardware.i2c(bus);
  }

  /** An SPI bus, to connect devices to. @throws SIM_PIN */
  spi(bus: number): SpiBus {
    return this.hardware.spi(bus);
  }

  /** Lets `ms` milliseconds pass for all boards of the simulation, at once. */
  advance(ms: number): void {
    this.simulation.advance(ms);
  }

  /** Cuts the power and boots again: what is stored stays, all else is gone. */
  restart(): void {
    this.core.unplug();
    this.earlierLogs.push(...this.core.logs);
    this.core = this.boot();
  }

  /** Takes the board away for good. */
  unplug(): void {
    this.core.unplug();
  }

  private boot(): SimulatedBoard {
    const { loopLimit, sampleLimit } = this.options;
    const board = new SimulatedBoard({
      graph: this.graphOfBoard,
      storage: this.storage,
      hardware: this.hardware,
      random: this.simulation.random,
      rosTimeAtStart: this.simulation.rosTimeAtStart,
      ...(loopLimit !== undefined && { loopLimit }),
      ...(sampleLimit !== undefined && { sampleLimit }),
    });
    board.load(this.wasm);
    return board;
  }
}

/**
 * A simulated board with an app, in a simulation of its own.
 * @param app folder or main file of an app, which is built; a built `app.wasm`, or its octets
 * @example
 *   const board = await simulate("examples/add_two_ints");
 *   expect(await board.call("/add_two_ints", { a: 2n, b: 3n })).toEqual({ sum: 5n });
 */
export function simulate(
  app: string | Uint8Array,
  options: AppOptions & SimulationOptions = {},
): Promise<Board> {
  return new Simulation(options).add(app, options);
}
