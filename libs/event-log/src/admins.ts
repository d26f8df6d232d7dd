import type { Admin } from 'kafkajs';
import { setTimeout as sleep } from 'node:timers/promises';
import { unreachable } from './publisher.js';
import { refusalOf } from './refusals.js';

/**
 * One admin client at a time, and a new one after any failure. kafkajs asks for the metadata of every topic it was ever asked
 * about, so that a topic deleted since makes each later call fail, whatever that one is about.
 */
export class Admins {
  private current: Promise<Admin> | undefined;

  constructor(private readonly create: () => Admin) {}

  /** @param what for the error message  @throws HeadraceError UNAVAILABLE, or INTERNAL when the broker refuses */
  async ask<R>(what: string, question: (admin: Admin) => Promise<R>): Promise<R> {
    const asked = (this.current ??= this.connected());
    try {
      return await question(await asked);
    } catch (error) {
      const isOld = this.current !== asked || isUnknownTopic(error);
      void this.discard(asked);
      if (!isOld) throw unreachable(what, error);
    }
    return this.askAfresh(what, question);
  }

  /** As `ask`, of a client that has heard nothing yet: an older one asks about the partitions it knew minutes ago. */
  async askAfresh<R>(what: string, question: (admin: Admin) => Promise<R>): Promise<R> {
    const fresh = this.connected();
    try {
      return await question(await fresh);
    } catch (error) {
      throw unreachable(what, error);
    } finally {
      void this.discard(fresh);
    }
  }

  async close(): Promise<void> {
    await this.discard(this.current);
  }

  private async connected(): Promise<Admin> {
    const admin = this.create();
    try {
      await admin.connect();
      return await groupsAvailable(admin);
    } catch (error) {
      await admin.disconnect().catch(() => undefined);
      throw error;
    }
  }

  private async discard(admin: Promise<Admin> | undefined): Promise<void> {
    if (this.current === admin) this.current = undefined;
    await admin?.then((connected) => connected.disconnect()).catch(() => undefined);
  }
}

function isUnknownTopic(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  return (error as { type?: string }).type === 'UNKNOWN_TOPIC_OR_PARTITION' || isUnknownTopic(error.cause);
}

/** How long a broker that has only just started may take to make its offsets topic, ms. */
const GROUPS_TIMEOUT_MS = 60_000;
const GROUPS_PAUSE_MS = 100;

/** A fresh broker answers before it can coordinate groups; kafkajs takes its refusal for final, so nobody joins before this. */
async function groupsAvailable(admin: Admin): Promise<Admin> {
  for (const end = Date.now() + GROUPS_TIMEOUT_MS; ;) {
    try {
      await admin.describeGroups(['headrace.probe']);
      return admin;
    } catch (error) {
      // Who may not ask after this group gets no other answer, however long he waits; what he may do will show.
      if (refusalOf('group headrace.probe', error)?.retry === 'never') return admin;
      if (Date.now() > end) throw unreachable('Kafka has no group coordinator', error);
      await sleep(GROUPS_PAUSE_MS);
    }
  }
}
