/* The words of the daemon's own troubles. */
#include <stdio.h>

#include "payload.h"
#include "vigil_own.h"

const struct vigil_word vigil_word[] = {
    [VIGIL_DATABASE] = {"database", "数据库无法写入", "nothing can be stored in the database",
                  "消息仍在接收并保存在日志中,不会丢失;数据库恢复后自动补录。\n"
                  "Messages are taken and kept in the journal, nothing is lost; they are stored when the database is back.\n"},
    [VIGIL_BROKER] = {"broker", "与消息服务器的连接中断", "a broker is not connected",
                "该服务器的数据暂未接收;服务器会保留消息,直到连接恢复。\n"
                "Nothing comes from it for now; it keeps the messages until the connection is back.\n"},
    [VIGIL_BACKLOG] = {"backlog", "日志积压过多", "the journal fills: much waits for the database",
                 "日志写满后将停止接收。请检查数据库,或加大 journal 的 size。\n"
                 "When it is full nothing more is taken. Look at the database, or give the journal a larger size.\n"},
    [VIGIL_FULL] = {"full", "日志或磁盘已满,已停止接收", "the journal or its disk is full, nothing is taken",
              "请腾出磁盘空间,或恢复数据库。\nMake room on the disk, or bring the database back.\n"},
    [VIGIL_ENDED] = {"end", "服务异常终止", "abated has ended: it cannot go on",
               "未落盘的消息均未确认,服务器会重发。请查看系统日志。\n"
               "Nothing that is not on disk was acknowledged, the brokers send it again. Look at the system's log.\n"},
};

/* Behind a "{" or another member. */
static void
add_member(struct buf *out, const char *name, const char *text)
{
    buf_add_text(out, out->at[out->size - 1] == '{' ? "\"" : ",\"");
    buf_add_text(out, name);
    buf_add_text(out, "\":");
    payload_add_string(out, text);
}

/* As the database has it of alerts: abate.render(). */
void
vigil_write_json(struct buf *out, const char *instance, const struct letter *letter, enum vigil_kind kind, const char *name,
                 bool is_over, const char *since, const char *why)
{
    const char *status = is_over ? "resolved" : "firing";

    buf_add_text(out, "{");
    add_member(out, "key", letter->key);
    add_member(out, "status", status);
    add_member(out, "about", "abate");
    add_member(out, "subject", letter->subject);
    add_member(out, "text", letter->text);
    buf_add_text(out, ",\"count\":1,\"alerts\":[{");
    add_member(out, "kind", is_over ? "trouble_over" : "trouble");
    add_member(out, "status", status);
    add_member(out, "severity", "warning");
    add_member(out, "instance", instance);
    add_member(out, "trouble", vigil_word[kind].name);
    if (name[0] != '\0')
        add_member(out, "broker", name);
    add_member(out, "opened", since);
    if (!is_over)
        add_member(out, "reason", why);
    buf_add_text(out, "}]}");
}

void
vigil_write_text(struct buf *out, const char *instance, enum vigil_kind kind, bool is_over, const char *since, const char *why)
{
    static const char *const over[2][2] = {{"", ""}, {"已恢复:", "over: "}};
    char line[1024];

    snprintf(line, sizeof(line), "abate (%s)\n\n%s%s\n%s%s\n\n", instance, over[is_over][0], vigil_word[kind].zh,
             over[is_over][1], vigil_word[kind].en);
    buf_add_text(out, line);
    snprintf(line, sizeof(line), "开始时间 since: %s\n", since);
    buf_add_text(out, line);
    if (is_over)
        return;
    snprintf(line, sizeof(line), "原因 reason: %s\n\n", why);
    buf_add_text(out, line);
    buf_add_text(out, vigil_word[kind].advice);
}
