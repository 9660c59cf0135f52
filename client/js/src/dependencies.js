// The clock, the random numbers, the new idempotency keys and the pauses of a client. Tests inject their own.
import { crypto } from "#crypto";

export const dependencies = {
  /** Milliseconds since the epoch. */
  now: () => Date.now(),
  /** A number from 0 to 1. */
  random: () => Math.random(),
  newKey: () => /** @type {string} */ (crypto.randomUUID()),
  sleep,
  /** A watch says something every 15 seconds; a connection that is silent for longer is dead. */
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
