/** The program of a model's process. Its arguments: the parent's pid, the parent's thread, the bytes of the shared region. */
import { loadLibc } from '../../native/libc.js';
import { BlockAllocator } from '../memory/block-allocator.js';
import { closeOnExec, declarePosix } from '../memory/posix-functions.js';
import { mapSharedRegion } from '../memory/shared-region.js';
import { TensorBlocks } from '../memory/tensor-blocks.js';
import { confineProcess } from './confine-process.js';
import { ServedModel } from './served-model.js';

const SOCKET = 3;
const REGION = 4;

const [parentPid, parentThread, regionBytes] = process.argv.slice(2);
const libc = loadLibc();
const posix = declarePosix(libc);
const parent = { pid: Number(parentPid), isMainThread: parentThread === 'main' };
if (!confineProcess(libc, posix, parent, [SOCKET, REGION])) posix.exitNow(1);
closeOnExec(posix, SOCKET);
const region = mapSharedRegion(posix, REGION, Number(regionBytes));
const allocator = new BlockAllocator(region.bytes / 2, region.bytes, region.discard);
new ServedModel(posix, SOCKET, new TensorBlocks(libc, region, allocator), allocator);
