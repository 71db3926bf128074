import type { Duplex } from "node:stream";
import { LIMITS } from "../../limits.js";
import type { Log } from "../../log.js";
import { AGENT_ADDRESS, encodeFrame, FrameDecoder, type FramingCounters } from "../framing/serial-frame.js";
import type { Clock } from "../session/timers.js";
import { type OpenSerialDevice, openSerialDevice, type SerialOptions } from "./serial-device.js";
import type { Peer, Transport, TransportListener } from "./transport.js";

export interface SerialEnvironment {
  readonly clock: Clock;
  readonly log: Log;
  /** Default: the operating system's devices. */
  readonly openDevice?: OpenSerialDevice;
}

/**
 * DDS-XRCE over one serial device (DDS-XRCE 1.0, 11.3); several clients may share the line, told apart by their address.
 *
 * States: OPENING -> UP -> (the device went away, or never was there) WAITING -> OPENING …, for ever, until closed. One log
 * line for each change; the clients' own reconnection does the rest.
 */
export class SerialTransport implements Transport {
  private stream: Duplex | undefined;
  private listener: TransportListener | undefined;
  private readonly peers = new Map<number, SerialPeer>();
  private readonly decoder: FrameDecoder;
  private cancelReopen: (() => void) | undefined;
  private backOffMs: number = LIMITS.reopenMinimumMs;
  private closed = false;
  private told: "up" | "down" | undefined;

  constructor(
    private readonly options: SerialOptions,
    private readonly environment: SerialEnvironment,
  ) {
    this.decoder = new FrameDecoder((source, destination, payload) => {
      if (destination !== AGENT_ADDRESS) return; // for another station on the line
      this.listener?.onMessage(this.peer(source), payload);
    });
  }

  get name(): string {
    const { path, baudRate } = this.options;
    return baudRate === undefined ? `serial ${path}` : `serial ${path} ${baudRate}`;
  }

  get counters(): Readonly<FramingCounters> {
    return this.decoder.counters;
  }

  /** Never fails: a device that is not there yet is waited for. */
  async open(listener: TransportListener): Promise<void> {
    this.listener = listener;
    await this.tryOpen();
  }

  async close(): Promise<void> {
    this.closed = true;
    this.cancelReopen?.();
    const { stream } = this;
    this.stream = undefined;
    if (stream === undefined) return;
    await new Promise<void>((resolve) => stream.destroy().once("close", () => resolve()));
  }

  /** Writes one frame. @returns false if it was dropped */
  write(destination: number, message: Uint8Array): boolean {
    const { stream } = this;
    if (stream === undefined || stream.writableLength > LIMITS.backlogOctets) return false;
    stream.write(encodeFrame(AGENT_ADDRESS, destination, message));
    return true;
  }

  private peer(address: number): SerialPeer {
    let peer = this.peers.get(address);
    if (peer === undefined) {
      peer = new SerialPeer(this, address, `serial:${this.options.path}#${address}`);
      this.peers.set(address, peer);
    }
    return peer;
  }

  private async tryOpen(): Promise<void> {
    try {
      const stream = await (this.environment.openDevice ?? openSerialDevice)(this.options);
      if (this.closed) stream.destroy();
      else this.up(stream);
    } catch (error) {
      this.down(error instanceof Error ? error.message : String(error));
    }
  }

  private up(stream: Duplex): void {
    this.stream = stream;
    this.backOffMs = LIMITS.reopenMinimumMs;
    let reason = "it was closed at its other end";
    stream.on("data", (chunk: Uint8Array) => this.decoder.push(chunk));
    stream.on("error", (error: Error) => {
      reason = error.message;
    });
    stream.once("end", () => stream.destroy());
    stream.once("close", () => {
      if (this.stream !== stream) return;
      this.stream = undefined;
      const keys = [...this.peers.values()].map(({ key }) => key);
      this.listener?.onGone(keys, `${this.options.path} went away`);
      this.down(reason);
    });
    if (this.told !== "up") this.environment.log.info("serial device is open", { device: this.name });
    this.told = "up";
  }

  private down(reason: string): void {
    if (this.closed) return;
    if (this.told !== "down") {
      this.environment.log.warn("serial device is not there; waiting for it", { device: this.name, reason });
    }
    this.told = "down";
    const delay = this.backOffMs;
    this.backOffMs = Math.min(LIMITS.reopenMaximumMs, 2 * delay);
    this.cancelReopen = this.environment.clock.after(delay, () => void this.tryOpen());
  }
}

class SerialPeer implements Peer {
  readonly maxMessageOctets = LIMITS.frameOctets;
  readonly isLine = true;

  constructor(
    private readonly transport: SerialTransport,
    private readonly address: number,
    readonly key: string,
  ) {}

  send(message: Uint8Array): boolean {
    return this.transport.write(this.address, message);
  }
}
