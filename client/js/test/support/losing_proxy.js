// Proxy that loses the reply to the first request after the server has done its work.
import { connect, createServer } from "node:net";

/** Listens until the test ends. Returns its address and how many replies were lost. */
export async function losingProxy(test, baseUrl, losses = 1) {
  const { hostname, port } = new URL(baseUrl);
  const sockets = new Set();
  const proxy = { baseUrl: "", lost: 0 };
  const server = createServer((near) => {
    const far = connect(Number(port), hostname);
    for (const socket of [near, far]) {
      sockets.add(socket);
      socket.on("error", () => {});
      socket.on("close", () => (near.destroy(), far.destroy(), sockets.delete(socket)));
    }
    near.pipe(far);
    far.on("data", (data) => {
      if (proxy.lost === losses) return near.write(data);
      proxy.lost += 1;
      near.destroy();
    });
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  test.after(() => {
    for (const socket of sockets) socket.destroy();
    return new Promise((resolve) => server.close(resolve));
  });
  proxy.baseUrl = `http://127.0.0.1:${server.address().port}`;
  return proxy;
}
