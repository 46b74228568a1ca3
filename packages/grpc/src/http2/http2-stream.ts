/** One stream of HTTP/2: a call's body as it comes, and its answer until it has left. */
import type { Outgoing, OutgoingPiece, OutgoingStream } from './outgoing.js';
import { UnreadPieces } from './unread-pieces.js';

/** Reads the body. `closed` is called at last, also for a body that has ended. */
export interface StreamReader {
  /** A piece that is valid as long as it is referenced. */
  data(piece: Buffer): void;
  end(): void;
  closed(): void;
}

/** Called once when the stream is closed: answered, reset by the client, or lost with its connection. */
export interface StreamOwner {
  closed(): void;
}

/** What streams tell their connection. */
export interface StreamConnection {
  readonly outgoing: Outgoing<Http2Stream>;
  /** The connection may be sent further bytes. */
  consumed(bytes: number): void;
  /** The stream may. */
  consumedOf(stream: Http2Stream, bytes: number): void;
  /** Bytes that are kept until they are read, or fewer of them. */
  kept(bytes: number): void;
}

/** Nothing of it throws, whatever the client does. */
export class Http2Stream implements OutgoingStream {
  readonly id: number;
  readonly connection: StreamConnection;
  reader: StreamReader | undefined;
  owner: StreamOwner | undefined;
  /** The client has sent all of its body. */
  isRemoteEnded = false;
  isClosed = false;
  /** Bytes that may come. */
  receiveWindow: number;
  /** Bytes that were read, and for which no WINDOW_UPDATE was sent. */
  consumed = 0;
  /** Of the body so far. */
  bodyBytes = 0;
  /** Of the whole body, as the client has announced it. */
  readonly announcedBytes: number | undefined;
  /** Bytes that may leave; SETTINGS may make it negative. */
  sendWindow: number;
  /** What is to leave: headers, then pieces, then trailers. */
  headers: Buffer | undefined;
  readonly pieces: OutgoingPiece[] = [];
  /** Bytes of the first piece that have left. */
  pieceAt = 0;
  trailers: Buffer | undefined;
  /** The headers are all there is. */
  isHeadersOnly = false;
  #unread: UnreadPieces | undefined;
  #isPaused = false;
  #isDelivering = false;
  #hasDeliveredEnd = false;

  constructor(
    id: number,
    connection: StreamConnection,
    windows: { readonly receive: number; readonly send: number },
    announcedBytes: number | undefined,
  ) {
    this.id = id;
    this.connection = connection;
    this.receiveWindow = windows.receive;
    this.sendWindow = windows.send;
    this.announcedBytes = announcedBytes;
  }

  /** Whether something waits to leave. */
  get hasOutput(): boolean {
    return this.headers !== undefined || this.pieces.length > 0 || this.trailers !== undefined;
  }

  /** Keeps what comes until {@link resume}. */
  pause(): void {
    this.#isPaused = true;
  }

  resume(): void {
    this.#isPaused = false;
    this.#deliver();
  }

  /** A piece of the body has come. */
  receive(piece: Buffer): void {
    this.bodyBytes += piece.length;
    if (!this.#isPaused && this.#unread === undefined && !this.#isDelivering) {
      this.#read(piece);
      return;
    }
    this.#unread ??= new UnreadPieces();
    this.#unread.push(piece);
    this.connection.kept(piece.length);
  }

  /** The body has ended. */
  receiveEnd(): void {
    this.isRemoteEnded = true;
    this.#deliver();
  }

  /** Called by the connection, once. */
  close(): void {
    this.isClosed = true;
    for (let piece = this.#unread?.shift(); piece !== undefined; piece = this.#unread?.shift()) {
      this.connection.kept(-piece.length);
      this.connection.consumed(piece.length);
    }
    const { reader, owner } = this;
    this.reader = undefined;
    this.owner = undefined;
    reader?.closed();
    owner?.closed();
  }

  #deliver(): void {
    if (this.#isDelivering) return;
    this.#isDelivering = true;
    while (!this.#isPaused && !this.isClosed) {
      const piece = this.#unread?.shift();
      if (piece === undefined) {
        this.#unread = undefined;
        break;
      }
      this.connection.kept(-piece.length);
      this.#read(piece);
    }
    this.#isDelivering = false;
    if (!this.isRemoteEnded || this.#isPaused || this.#unread !== undefined || this.#hasDeliveredEnd) return;
    this.#hasDeliveredEnd = true;
    this.reader?.end();
  }

  #read(piece: Buffer): void {
    this.reader?.data(piece);
    this.connection.consumedOf(this, piece.length);
  }
}
