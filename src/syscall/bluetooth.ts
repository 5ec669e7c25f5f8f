/**
 * The vocabulary of AF_BLUETOOTH: protocols, kinds of address, options of each protocol, calls of
 * HCI.
 *
 * Data only. Source: <bluetooth/bluetooth.h>, l2cap.h, rfcomm.h, sco.h and hci.h of BlueZ, which
 * are the user's side of the kernel's <net/bluetooth/*.h>.
 */

// Protocols: <bluetooth/bluetooth.h>.
export const BTPROTO_L2CAP = 0;
export const BTPROTO_HCI = 1;
export const BTPROTO_SCO = 2;
export const BTPROTO_RFCOMM = 3;
export const BTPROTO_BNEP = 4;
export const BTPROTO_CMTP = 5;
export const BTPROTO_HIDP = 6;
export const BTPROTO_AVDTP = 7;
export const BTPROTO_ISO = 8;

// Levels of options: <bluetooth/bluetooth.h>.
export const SOL_HCI = 0;
export const SOL_L2CAP = 6;
export const SOL_SCO = 17;
export const SOL_RFCOMM = 18;
export const SOL_BLUETOOTH = 274;

// Kinds of address: <bluetooth/bluetooth.h>.
export const BDADDR_BREDR = 0;
export const BDADDR_LE_PUBLIC = 1;
export const BDADDR_LE_RANDOM = 2;

// Options of SOL_BLUETOOTH: <bluetooth/bluetooth.h>.
export const BT_SECURITY = 4;
export const BT_DEFER_SETUP = 7;
export const BT_FLUSHABLE = 8;
export const BT_POWER = 9;
export const BT_CHANNEL_POLICY = 10;
export const BT_VOICE = 11;
export const BT_SNDMTU = 12;
export const BT_RCVMTU = 13;
export const BT_PHY = 14;
export const BT_MODE = 15;
export const BT_PKT_STATUS = 16;
export const BT_ISO_QOS = 17;
export const BT_CODEC = 19;
export const BT_ISO_BASE = 20;

// Control message of SOL_BLUETOOTH: <bluetooth/bluetooth.h>.
export const BT_SCM_PKT_STATUS = 3;

// Values of BT_SECURITY: <bluetooth/bluetooth.h>.
export const BT_SECURITY_SDP = 0;
export const BT_SECURITY_LOW = 1;
export const BT_SECURITY_MEDIUM = 2;
export const BT_SECURITY_HIGH = 3;
export const BT_SECURITY_FIPS = 4;

// Values of BT_FLUSHABLE, BT_POWER and BT_CHANNEL_POLICY: <bluetooth/bluetooth.h>.
export const BT_FLUSHABLE_OFF = 0;
export const BT_FLUSHABLE_ON = 1;
export const BT_POWER_FORCE_ACTIVE_OFF = 0;
export const BT_POWER_FORCE_ACTIVE_ON = 1;
export const BT_CHANNEL_POLICY_BREDR_ONLY = 0;
export const BT_CHANNEL_POLICY_BREDR_PREFERRED = 1;
export const BT_CHANNEL_POLICY_AMP_PREFERRED = 2;

// Values of BT_VOICE: <bluetooth/bluetooth.h>.
export const BT_VOICE_TRANSPARENT = 0x3;
export const BT_VOICE_CVSD_16BIT = 0x60;

// Bits of BT_PHY: <bluetooth/bluetooth.h>.
export const BT_PHY_BR_1M_1SLOT = 0x1;
export const BT_PHY_BR_1M_3SLOT = 0x2;
export const BT_PHY_BR_1M_5SLOT = 0x4;
export const BT_PHY_EDR_2M_1SLOT = 0x8;
export const BT_PHY_EDR_2M_3SLOT = 0x10;
export const BT_PHY_EDR_2M_5SLOT = 0x20;
export const BT_PHY_EDR_3M_1SLOT = 0x40;
export const BT_PHY_EDR_3M_3SLOT = 0x80;
export const BT_PHY_EDR_3M_5SLOT = 0x100;
export const BT_PHY_LE_1M_TX = 0x200;
export const BT_PHY_LE_1M_RX = 0x400;
export const BT_PHY_LE_2M_TX = 0x800;
export const BT_PHY_LE_2M_RX = 0x1000;
export const BT_PHY_LE_CODED_TX = 0x2000;
export const BT_PHY_LE_CODED_RX = 0x4000;

// Values of BT_MODE: <bluetooth/bluetooth.h>.
export const BT_MODE_BASIC = 0;
export const BT_MODE_ERTM = 1;
export const BT_MODE_STREAMING = 2;
export const BT_MODE_LE_FLOWCTL = 3;
export const BT_MODE_EXT_FLOWCTL = 4;

// Options of SOL_L2CAP and what they hold: <bluetooth/l2cap.h>.
export const L2CAP_OPTIONS = 1;
export const L2CAP_CONNINFO = 2;
export const L2CAP_LM = 3;
export const L2CAP_LM_MASTER = 1;
export const L2CAP_LM_AUTH = 2;
export const L2CAP_LM_ENCRYPT = 4;
export const L2CAP_LM_TRUSTED = 8;
export const L2CAP_LM_RELIABLE = 16;
export const L2CAP_LM_SECURE = 32;
export const L2CAP_DEFAULT_MTU = 672;

// Options of SOL_RFCOMM and what they hold: <bluetooth/rfcomm.h>.
export const RFCOMM_CONNINFO = 2;
export const RFCOMM_LM = 3;
export const RFCOMM_LM_MASTER = 1;
export const RFCOMM_LM_AUTH = 2;
export const RFCOMM_LM_ENCRYPT = 4;
export const RFCOMM_LM_TRUSTED = 8;
export const RFCOMM_LM_RELIABLE = 16;
export const RFCOMM_LM_SECURE = 32;
export const RFCOMM_DEFAULT_MTU = 127;
export const RFCOMM_PSM = 3;

// Calls of RFCOMM: <bluetooth/rfcomm.h>.
export const RFCOMMCREATEDEV = 0x400452c8;
export const RFCOMMRELEASEDEV = 0x400452c9;
export const RFCOMMGETDEVLIST = 0x800452d2;
export const RFCOMMGETDEVINFO = 0x800452d3;

// Options of SOL_SCO: <bluetooth/sco.h>.
export const SCO_OPTIONS = 1;
export const SCO_CONNINFO = 2;
export const SCO_DEFAULT_MTU = 500;

// Options of SOL_HCI: <bluetooth/hci.h>.
export const HCI_DATA_DIR = 1;
export const HCI_FILTER = 2;
export const HCI_TIME_STAMP = 3;

// Control messages of SOL_HCI: <bluetooth/hci.h>.
export const HCI_CMSG_DIR = 1;
export const HCI_CMSG_TSTAMP = 2;

// Devices and channels of an HCI address: <bluetooth/hci.h>.
export const HCI_DEV_NONE = 65535;
export const HCI_CHANNEL_RAW = 0;
export const HCI_CHANNEL_USER = 1;
export const HCI_CHANNEL_MONITOR = 2;
export const HCI_CHANNEL_CONTROL = 3;
export const HCI_CHANNEL_LOGGING = 4;

// Kinds of HCI packet: <bluetooth/hci.h>.
export const HCI_COMMAND_PKT = 0x1;
export const HCI_ACLDATA_PKT = 0x2;
export const HCI_SCODATA_PKT = 0x3;
export const HCI_EVENT_PKT = 0x4;
export const HCI_ISODATA_PKT = 0x5;
export const HCI_VENDOR_PKT = 0xff;

// Calls of HCI: <bluetooth/hci.h>.
export const HCIDEVUP = 0x400448c9;
export const HCIDEVDOWN = 0x400448ca;
export const HCIDEVRESET = 0x400448cb;
export const HCIDEVRESTAT = 0x400448cc;
export const HCIGETDEVLIST = 0x800448d2;
export const HCIGETDEVINFO = 0x800448d3;
export const HCIGETCONNLIST = 0x800448d4;
export const HCIGETCONNINFO = 0x800448d5;
export const HCIGETAUTHINFO = 0x800448d7;
export const HCISETRAW = 0x400448dc;
export const HCISETSCAN = 0x400448dd;
export const HCISETAUTH = 0x400448de;
export const HCISETENCRYPT = 0x400448df;
export const HCISETPTYPE = 0x400448e0;
export const HCISETLINKPOL = 0x400448e1;
export const HCISETLINKMODE = 0x400448e2;
export const HCISETACLMTU = 0x400448e3;
export const HCISETSCOMTU = 0x400448e4;
export const HCIBLOCKADDR = 0x400448e6;
export const HCIUNBLOCKADDR = 0x400448e7;
export const HCIINQUIRY = 0x800448f0;
