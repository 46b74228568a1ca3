/** The connections of the process's HTTP servers, which `node:http` keeps to itself. */
import { subscribe } from 'node:diagnostics_channel';
import { Server } from 'node:http';
import { Server as TlsServer } from 'node:https';
import type { Socket } from 'node:net';
import type { TLSSocket } from 'node:tls';

/** A server of `node:http` or `node:https`. */
export type HttpServer = Server | TlsServer;

/** Whether a server is one of these two. Servers of HTTP/2 are not: their connections carry sessions. */
export function isHttpServer(server: unknown): server is HttpServer {
  return server instanceof Server || server instanceof TlsServer;
}

const connections = new WeakMap<HttpServer, Set<Socket>>();
/** Connections on which a request came while another's answer was due. */
const pipelined = new WeakSet<Socket>();
let isTracking = false;

/** Records connections from now on. Called when the REST API is mounted, which is before its listener is drained. */
export function trackConnections(): void {
  if (isTracking) return;
  isTracking = true;
  subscribe('net.server.socket', (message) => {
    const { socket } = message as { readonly socket: Socket };
    const server: unknown = Reflect.get(socket, 'server');
    if (isHttpServer(server)) add(server, socket);
  });
}

/** Those that are open and were accepted after {@link trackConnections}; over TLS the encrypted ones. */
export function openConnections(server: HttpServer): ReadonlySet<Socket> {
  return connections.get(server) ?? setOf(server);
}

/** Marks a connection whose client sends requests without waiting for responses. */
export function notePipelining(socket: Socket): void {
  pipelined.add(socket);
}

/** Whether further answers may be due behind the next one. */
export function isPipelined(socket: Socket): boolean {
  return pipelined.has(socket);
}

function setOf(server: HttpServer): Set<Socket> {
  let sockets = connections.get(server);
  if (sockets === undefined) {
    sockets = new Set();
    connections.set(server, sockets);
    if (server instanceof TlsServer) server.on('secureConnection', (socket) => addSecure(server, socket));
  }
  return sockets;
}

function add(server: HttpServer, socket: Socket): void {
  const sockets = setOf(server);
  sockets.add(socket);
  socket.once('close', () => sockets.delete(socket));
}

/** Takes the place of the connection that it encrypts. */
function addSecure(server: HttpServer, socket: TLSSocket): void {
  const encrypted: Socket | undefined = Reflect.get(socket, '_parent') ?? undefined;
  if (encrypted) setOf(server).delete(encrypted);
  add(server, socket);
}
