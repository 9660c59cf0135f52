// Dependencies of a client that tests replace: the clock, random numbers, new idempotency keys, pauses.
import { crypto } from "#crypto";

export const dependencies = {
  /** Milliseconds since the epoch. */
  now: () => Date.now(),
  /** A number from 0 to 1. */
  random: () => Math.random(),
  newKey: () => /** @type {string} */ (crypto.randomUUID()),
  sleep,
  /** The server sends a message of a watch every 15 seconds; a silent connection is dead. */
  idleMs: 60_000,
};

/**
 * Waits; rejects with the signal's reason once it is aborted.
 * @param {number} ms
 * @param {AbortSignal | undefined} signal
 * @returns {Promise<void>}
 */
function sleep(ms, signal) {
  return new Promise((resolve, reject) => {
    signal?.throwIfAborted();
    const timer = setTimeout(() => {
      signal?.removeEventListener("abort", stop);
      resolve();
    }, ms);
    function stop() {
      clearTimeout(timer);
      reject(signal?.reason);
    }
    signal?.addEventListener("abort", stop, { once: true });
  });
}
