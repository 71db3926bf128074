import { LIMITS } from "../../limits.js";
import { type CreateClient, isRosehip } from "../message/create-client.js";
import type { Timer, Timers } from "./timers.js";

export interface LivelinessHost {
  readonly timers: Timers;
  /** Whether the client answers HEARTBEATs: it has acknowledged something before. */
  isAskable(): boolean;
  /** Asks for a sign of life. */
  probe(): void;
  onDead(reason: string): void;
}

/**
 * Finds out that a client is gone (DDS-XRCE 1.0 leaves it to the implementation).
 *
 * States: QUIET (heard of lately; one timer for the end of the allowed silence) -> ASKING (probes at an interval)
 * -> QUIET when anything is heard, or dead when all probes stay unanswered. The allowed silence is the client's own
 * if it set the property `uxr_hl` (as with the Micro XRCE-DDS Agent), 30 s else. A client that never acknowledged anything
 * cannot be asked, since an idle one of that kind rightly says nothing: it has much longer.
 * Being heard costs one assignment; the timer finds out later.
 */
export class ClientLiveliness {
  private lastHeardMs: number;
  private probesSent = 0;
  private readonly timer: Timer;

  /** @param hardLivelinessMs silence allowed by the client itself, in milliseconds */
  constructor(
    private readonly host: LivelinessHost,
    private hardLivelinessMs: number | undefined,
  ) {
    this.lastHeardMs = host.timers.now();
    this.timer = host.timers.create(() => this.check());
    this.timer.schedule(this.allowedSilenceMs);
  }

  heard(): void {
    this.lastHeardMs = this.host.timers.now();
  }

  /** The client opened its session again, maybe with another property. */
  restart(hardLivelinessMs: number | undefined): void {
    this.hardLivelinessMs = hardLivelinessMs;
    this.probesSent = 0;
    this.heard();
    this.timer.schedule(this.allowedSilenceMs);
  }

  /** Its connection or device went away: unless it is heard of within the grace, it is dead. */
  connectionLost(reason: string): void {
    const lostMs = this.host.timers.now();
    this.graceTimer?.cancel();
    this.graceTimer = this.host.timers.create(() => {
      if (this.lastHeardMs < lostMs) this.host.onDead(reason);
    });
    this.lastHeardMs = Math.min(this.lastHeardMs, lostMs - 1);
    this.graceTimer.schedule(LIMITS.reconnectGraceMs);
  }

  stop(): void {
    this.timer.cancel();
    this.graceTimer?.cancel();
  }

  private graceTimer: Timer | undefined;

  private get allowedSilenceMs(): number {
    return this.hardLivelinessMs ?? LIMITS.silenceMs;
  }

  private check(): void {
    const silence = this.host.timers.now() - this.lastHeardMs;
    const hard = this.hardLivelinessMs !== undefined;
    const maximum = hard ? LIMITS.hardLivelinessProbes : LIMITS.probes;
    const interval = hard ? LIMITS.hardLivelinessIntervalMs : LIMITS.probeIntervalMs;
    const sinceProbe = silence - this.allowedSilenceMs;
    if (sinceProbe < 0) {
      this.probesSent = 0;
      this.timer.schedule(-sinceProbe);
      return;
    }
    if (!hard && !this.host.isAskable()) {
      if (silence >= LIMITS.unaskableSilenceMs) {
        this.host.onDead(silentFor(silence));
        return;
      }
      this.timer.schedule(LIMITS.unaskableSilenceMs - silence);
      return;
    }
    if (this.probesSent >= maximum) {
      this.host.onDead(silentFor(silence));
      return;
    }
    this.probesSent++;
    this.host.probe();
    this.timer.schedule(interval);
  }
}

/** The time that the probes take after the silence. */
const PROBING_MS = LIMITS.hardLivelinessProbes * LIMITS.hardLivelinessIntervalMs;

/**
 * How long a client may be silent before it is asked for a sign of life, undefined if nobody says: what is left of the lease
 * before the probes, or what the client wants by its property `uxr_hl`, in milliseconds as decimal digits.
 */
export function allowedSilenceMs(create: CreateClient, leaseMs: number | undefined): number | undefined {
  if (leaseMs !== undefined) return Math.max(LIMITS.hardLivelinessMinimumMs, leaseMs - PROBING_MS);
  const value = create.properties?.find(({ name }) => name === "uxr_hl")?.value.trim();
  const wanted = value !== undefined && /^\d{1,9}$/.test(value) ? Number(value) : undefined;
  if (isRosehip(create)) return Math.min(wanted ?? LIMITS.rosehipSilenceMs, LIMITS.rosehipSilenceMs);
  return wanted === undefined ? undefined : Math.max(LIMITS.hardLivelinessMinimumMs, wanted);
}

const silentFor = (ms: number): string => `nothing heard for ${(ms / 1000).toFixed(1)} s`;
