import { type AgentEvent, logEvent } from "./agent-log.js";
import { NetworkDataSpace } from "./bridge/data-space.js";
import type { OpenNetwork } from "./bridge/network.js";
import { NO_OVERRIDES, type Overrides } from "./bridge/overrides.js";
import { faultOf } from "./fault.js";
import { type Log, SILENT } from "./log.js";
import { ReportThrottle } from "./report-throttle.js";
import { References } from "./xrce/message/representation/reference.js";
import { newStatistics, type SessionContext, type Statistics } from "./xrce/session/session-context.js";
import { Sessions } from "./xrce/session/sessions.js";
import { systemClock } from "./xrce/session/system-clock.js";
import { type Clock, Timers } from "./xrce/session/timers.js";
import { type SerialEnvironment, SerialTransport } from "./xrce/transport/serial.js";
import type { SerialOptions } from "./xrce/transport/serial-device.js";
import { type TcpOptions, TcpTransport } from "./xrce/transport/tcp.js";
import type { Transport } from "./xrce/transport/transport.js";
import { type UdpOptions, UdpTransport } from "./xrce/transport/udp.js";

export type { AgentEvent } from "./agent-log.js";

export interface AgentOptions {
  /** The networks the devices are to be seen on. */
  readonly openNetwork: OpenNetwork;
  /** Any number of each, at once. */
  readonly serial?: readonly SerialOptions[];
  readonly udp?: readonly UdpOptions[];
  readonly tcp?: readonly TcpOptions[];
  /** Other transports; they become the agent's own, which opens and closes them. */
  readonly transports?: readonly Transport[];
  /** Default: silent. */
  readonly log?: Log;
  /** Type hash (`RIHS01_…`) by DDS type name, for devices that send none, as micro-ROS's do. */
  readonly lookupTypeHash?: (ddsTypeName: string) => string | undefined;
  /** Names and parameters of devices that are to be others than they say. */
  readonly overrides?: Partial<Overrides>;
  /** Text of a references file of the Micro XRCE-DDS Agent. */
  readonly references?: string;
  /** Domain for clients that ask for 255, "the agent's". Default 0. */
  readonly domainOverride?: number;
  /**
   * Milliseconds after which a silent client is gone, whatever it asks for by `uxr_hl`. Default: what it asks for, less for
   * Rosehip's firmware ({@link LIMITS.rosehipSilenceMs}); {@link LIMITS.silenceMs} for one that asks for nothing.
   */
  readonly leaseMs?: number;
  /** Default: the operating system's. */
  readonly clock?: Clock;
  /** Sees what is logged, as data. Events that repeat in a flood are held back, as in the log. */
  readonly onEvent?: (event: AgentEvent) => void;
}

/** A running DDS-XRCE agent. */
export class Agent {
  readonly statistics: Statistics = newStatistics();
  readonly transports: Transport[];
  private readonly serialEnvironment: SerialEnvironment;
  private readonly sessions: Sessions;
  private readonly dataSpace: NetworkDataSpace;
  private readonly timers: Timers;
  private closing: Promise<void> | undefined;

  /** Opens nothing yet: see {@link startAgent}. @throws RosehipError XRCE_REPRESENTATION for bad references */
  constructor(private readonly options: AgentOptions) {
    const { log = SILENT, clock = systemClock() } = options;
    this.timers = new Timers(clock);
    const throttle = new ReportThrottle(clock);
    const report = (event: AgentEvent): void => {
      const repeated = throttle.take(event);
      if (repeated === undefined) return;
      if (repeated > 0) log.warn(`the following happened ${repeated} more times`, { event: event.type });
      logEvent(log, event);
      this.sayOnRosout(event);
      options.onEvent?.(event);
    };
    this.dataSpace = new NetworkDataSpace({
      openNetwork: options.openNetwork,
      timers: this.timers,
      log,
      report,
      domainId: options.domainOverride ?? 0,
      overrides: { ...NO_OVERRIDES, ...options.overrides },
      wallNs: () => clock.wallNs(),
      lookupTypeHash: options.lookupTypeHash ?? (() => undefined),
    });
    const context: SessionContext = {
      clock,
      timers: this.timers,
      dataSpace: this.dataSpace,
      references: new References(options.references),
      domainOverride: options.domainOverride ?? 0,
      leaseMs: options.leaseMs,
      statistics: this.statistics,
      report,
    };
    this.sessions = new Sessions(context);
    this.serialEnvironment = { clock, log };
    this.transports = [
      ...(options.serial ?? []).map((one) => new SerialTransport(one, this.serialEnvironment)),
      ...(options.udp ?? []).map((one) => new UdpTransport(one)),
      ...(options.tcp ?? []).map((one) => new TcpTransport(one)),
      ...(options.transports ?? []),
    ];
  }

  /** Clients with a session. */
  get clientCount(): number {
    return this.sessions.count;
  }

  /** @throws RosehipError XRCE_TRANSPORT_OPEN if a transport cannot be used; then none is left open */
  async open(): Promise<void> {
    try {
      for (const transport of this.transports) {
        await transport.open(this.sessions);
        this.options.log?.info("listening", { transport: transport.name });
      }
    } catch (error) {
      await this.close();
      throw error;
    }
  }

  /** Serves one more serial port, e.g. of a board that was plugged in. One that is served already is left alone. */
  async addSerial(options: SerialOptions): Promise<void> {
    const transport = new SerialTransport(options, this.serialEnvironment);
    if (this.closing !== undefined || this.transports.some(({ name }) => name === transport.name)) return;
    this.transports.push(transport);
    await transport.open(this.sessions);
    this.options.log?.info("listening", { transport: transport.name });
  }

  /** Ends all sessions, says goodbye on all networks and closes all ports. Idempotent. */
  close(): Promise<void> {
    this.closing ??= this.shutDown();
    return this.closing;
  }

  /** A fault is told where the device's other lines are. */
  private sayOnRosout(event: AgentEvent): void {
    const fault = faultOf(event);
    if (fault === undefined || !("clientKey" in event)) return;
    const node = "node" in event ? event.node : undefined;
    const message = `${fault.message}: ${fault.detail.replace(/\.$/, "")}. ${fault.remedy}`;
    this.dataSpace.say(event.clientKey, node, fault.severity, message);
  }

  private async shutDown(): Promise<void> {
    await Promise.all(this.transports.map((transport) => transport.close()));
    this.sessions.close("the agent shuts down");
    await this.dataSpace.close();
    this.timers.close();
  }
}

/**
 * Starts an agent and resolves once all its ports are open.
 *
 * @example
 * const agent = await startAgent({ openNetwork, udp: [{ family: 4, port: 8888 }], log });
 * // …
 * await agent.close();
 * @throws RosehipError XRCE_TRANSPORT_OPEN
 */
export async function startAgent(options: AgentOptions): Promise<Agent> {
  const agent = new Agent(options);
  await agent.open();
  return agent;
}
