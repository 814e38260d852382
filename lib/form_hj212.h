/* form_hj212: a frame of HJ 212 (2005, 2017, 2025) as payload: one measurement.
 *
 *     ##0120QN=20200828191000000;ST=27;CN=2011;PW=123456;MN=18AAH;Flag=4;CP=&&DataTime=...;a24088-Rtd=0.0,a24088-Flag=F&&B981
 *       |  |                          |                    |                              `-- factors ; fields ,      |
 *       |  `-- header                 `-- period           `-- monitor                                              CRC
 *       `-- bytes from "QN" to the last "&&"
 *
 * CN 2011 is realtime, 2051 minute, 2061 hour, 2031 day; any other command brings no readings and is refused, with a word of
 * what it is (form_hj212_dialect.c). DataTime is on the monitor's clock. A factor's main value is named as the factor, Rtd in
 * real time and Avg otherwise; the others keep their ending as it was sent (a24088-Max, a24088-ZsAvg, a24088-Cou); whether
 * there is such a series the registry says. -Flag is the mark of all values of its factor in the group; an empty value, or a
 * mark alone, is no reading. Packets (PNUM, PNO) are measurements of the same time and are merged as such. RF=1 makes it a
 * reissue: what differs takes the place of what was sent before.
 *
 * Left alone are fields that are no value: -EFlag, -SampleTime, -SN, -Info, -ValidNum, -TotalNum. When a water sample was
 * taken only the raw message says.
 *
 * What devices do against the standard, and is taken, because only one thing can be meant:
 *
 *     around the frame
 *     no CR LF at the end, or more of them     the length says where the frame ends
 *     "**", blanks or NULs behind it           likewise
 *     blanks, line ends or a BOM before it     "##" says where it begins
 *     a length that counts characters          as the standard has it: it says bytes only where all is ASCII
 *     CRC in small letters                     a hexadecimal number is the same in both
 *     more than 1024 bytes of data             the length and the CRC agree with what came
 *
 *     in the header
 *     no QN, ST, PW or Flag, or empty          none of them says whose, when or what
 *     MN of any length and characters          the registry knows it or not
 *     MN missing or empty                      the topic says whose it is, or else it is rejected
 *     fields in any order, in small letters    they have names
 *     any version bits                         they say nothing about the readings; those of 2025 are older than it
 *     "," for ";", or both, and blanks         no value of the header has any of them in it
 *     no ";" before CP                         "CP=&&" is unmistakable
 *     RF=0, or empty                           it is no reissue, and says so
 *
 *     in CP
 *     empty fields and groups (",;" ";&&")     nothing stands in them
 *     blanks around names and values           no number has any in it
 *     Rtd, Avg, Flag in small letters          the ending of 2005 and of 2025 is the same word
 *     ".5" and "1.2E-05"                       a number all the same; not "5.", which may have been cut off
 *     DataTime of 17 digits                    the last three are milliseconds, as in QN
 *     DataTime behind a "," or as a later one  it has a name
 *     DataTime not at the period's start       it is kept as it was sent
 *     PNUM, PNO, RF, PolId inside of CP        they have names
 *     -Flag before the value, or without it    it is matched by the factor
 *     -Flag in a group of its own              likewise
 *     no separator behind -Flag=N              a mark has one character, and a field follows
 *     Flag=N of no factor                      it says nothing
 *     a field twice with one value             it says the same
 *     Rtd, Avg in the other periods            it keeps its ending: a24088-Avg of a 2011
 *     factors of 2005, or of one's own         they are names like any other
 *
 * Refused as a whole: a wrong length or CRC, or none; a CP that is encrypted (SM4 of 2025: there are no keys here);
 * another command; two CP; no DataTime, or one of another length; two different values of MN, CN, RF or DataTime; a
 * mark other than N of no factor. Refused in part: what is no number, a field without factor and ending, a group with
 * a mark that is not one character, with two different marks of a factor, or with a field without "="; RF of anything
 * else, which then is none.
 */
#ifndef ABATE_FORM_HJ212_H
#define ABATE_FORM_HJ212_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "buf.h"
#include "message.h"
#include "reason.h"

bool form_hj212_decode(const void *payload, size_t size, struct message *ret, struct reason *why);

/* As struct form has it: the QN, which the packets of one command share. form_hj212_id.c */
void form_hj212_identify(const void *payload, size_t size, struct buf *out);

/* HJ 212-2017, appendix A: not the CRC-16 of Modbus, as each byte meets the register already shifted. */
uint16_t form_hj212_crc(const void *bytes, size_t size); /* form_hj212_frame.c */

#endif
