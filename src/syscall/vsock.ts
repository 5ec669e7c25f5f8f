/**
 * The vocabulary of vsock(7): sockets between a virtual machine and its host.
 *
 * Data only. The "any" values are positive, as the fields are unsigned. Source: vsock(7),
 * <linux/vm_sockets.h>.
 */

// Any machine, and any free port: <linux/vm_sockets.h>.
export const VMADDR_CID_ANY = 0xffffffff;
export const VMADDR_PORT_ANY = 0xffffffff;

// Machines that always have the same number: <linux/vm_sockets.h>.
export const VMADDR_CID_HYPERVISOR = 0;
export const VMADDR_CID_LOCAL = 1;
export const VMADDR_CID_HOST = 2;

// Flag of an address: <linux/vm_sockets.h>.
export const VMADDR_FLAG_TO_HOST = 1;

// Options of the level AF_VSOCK: <linux/vm_sockets.h>.
export const SO_VM_SOCKETS_BUFFER_SIZE = 0;
export const SO_VM_SOCKETS_BUFFER_MIN_SIZE = 1;
export const SO_VM_SOCKETS_BUFFER_MAX_SIZE = 2;
export const SO_VM_SOCKETS_PEER_HOST_VM_ID = 3;
export const SO_VM_SOCKETS_TRUSTED = 5;
export const SO_VM_SOCKETS_CONNECT_TIMEOUT_OLD = 6;
export const SO_VM_SOCKETS_NONBLOCK_TXRX = 7;
export const SO_VM_SOCKETS_CONNECT_TIMEOUT_NEW = 8;
export const SO_VM_SOCKETS_CONNECT_TIMEOUT = 6;

// Control messages: <linux/vm_sockets.h>.
export const SOL_VSOCK = 287;
export const VSOCK_RECVERR = 1;

// Call of ioctl(2) on /dev/vsock: <linux/vm_sockets.h>.
export const IOCTL_VM_SOCKETS_GET_LOCAL_CID = 0x7b9;
