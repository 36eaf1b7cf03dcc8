"""Texts of this package. L1xx: a definition that must not be published. L2xx: why a token is held. L3xx: a command
that is refused. L4xx: what appears in notices and history."""

from __future__ import annotations

from metadata.findings import register_messages

TEXTS = {
    # -- publish checks
    "L101": {
        "zh-CN": "流程“{flow}”需要且只能有一个“开始”节点，现有 {count} 个。请保留一个。",
        "en": "Flow “{flow}” must have exactly one start, it has {count}. Keep one.",
    },
    "L102": {
        "zh-CN": "流程“{flow}”没有“结束”节点。请添加一个并连接。",
        "en": "Flow “{flow}” has no end. Add one and connect it.",
    },
    "L103": {
        "zh-CN": "从“开始”走不到节点“{node}”。请连接它或删除它。",
        "en": "Step “{node}” can never be reached. Connect it or delete it.",
    },
    "L104": {
        "zh-CN": "从节点“{node}”走不到任何“结束”。请把它的出口连接起来。",
        "en": "From step “{node}” no end can be reached. Connect what leaves it.",
    },
    "L105": {
        "zh-CN": "节点“{node}”的出口“{port}”没有连接。请连接到下一步。",
        "en": "Port “{port}” of step “{node}” leads nowhere. Connect it.",
    },
    "L106": {
        "zh-CN": "节点“{node}”的出口“{port}”连了 {count} 条线，只能有一条；要分成几路请用“并行”。",
        "en": "Port “{port}” of step “{node}” has {count} wires; it may have one. Use a parallel step to split.",
    },
    "L107": {
        "zh-CN": "节点“{node}”没有出口“{port}”，请删除或改接这条线。",
        "en": "Step “{node}” has no port “{port}”. Delete or move the wire.",
    },
    "L108": {
        "zh-CN": "条件分支“{node}”需要且只能有一条“其他情况”，现有 {count} 条。",
        "en": "Branch “{node}” must have exactly one default way, it has {count}.",
    },
    "L109": {
        "zh-CN": "条件分支“{node}”的一条线没有条件，也不是“其他情况”。请填写条件。",
        "en": "A way out of branch “{node}” has neither a condition nor is it the default. Write its condition.",
    },
    "L110": {
        "zh-CN": "“{node}”不是条件分支，它的出线上不能写条件。",
        "en": "“{node}” is not a branch; a wire that leaves it cannot have a condition.",
    },
    "L111": {
        "zh-CN": "“开始”节点不能有进线。要退回发起人，请用审批节点的“驳回后”设置。",
        "en": "A wire may not lead into the start. To give back to the initiator, use “on reject” of the approval.",
    },
    "L112": {
        "zh-CN": "“结束”节点“{node}”后面不能再有步骤，请删除出线。",
        "en": "Nothing may follow end “{node}”. Delete the wire.",
    },
    "L113": {
        "zh-CN": "节点“{node}”的类型“{type}”在这个安装中不可用。请安装对应插件或换一个节点。",
        "en": "Type “{type}” of step “{node}” is not available here. Install its plugin or use another step.",
    },
    "L114": {
        "zh-CN": "节点“{node}”的设置不正确（{place}）：{problem}",
        "en": "A setting of step “{node}” is not right ({place}): {problem}",
    },
    "L115": {
        "zh-CN": "流程“{flow}”的设置不正确（{place}）：{problem}",
        "en": "A setting of flow “{flow}” is not right ({place}): {problem}",
    },
    "L116": {
        "zh-CN": "“{name}”不存在或已删除，请重新选择（{where}）。",
        "en": "“{name}” does not exist or was deleted; choose again ({where}).",
    },
    "L118": {
        "zh-CN": "“{where}”在目前的人员设置下找不到任何人：{rule}。运行时会按“无人审批”设置处理。",
        "en": "Nobody is found for “{where}” among today's people: {rule}. At run time the empty policy applies.",
    },
    "L119": {
        "zh-CN": "汇聚节点“{node}”要等 {wanted} 路，但只有 {count} 条进线。",
        "en": "Join “{node}” waits for {wanted} branches but only {count} wires lead into it.",
    },
    "L120": {
        "zh-CN": "连线“{edge}”的一端不存在。请删除或重新连接。",
        "en": "Wire “{edge}” has an end that does not exist. Delete it or connect it again.",
    },
    "L121": {
        "zh-CN": "节点“{node}”退回的目标“{target}”不是它之前的人工步骤。请重新选择。",
        "en": "“{target}”, where step “{node}” returns to, is not a step of people before it. Choose again.",
    },
    "L122": {
        "zh-CN": "“{field}”不能由流程写入（{where}）。请选择一个可编辑的字段。",
        "en": "A flow cannot write “{field}” ({where}). Choose a field that can be edited.",
    },
    "L123": {
        "zh-CN": "“无人审批”设置为交给管理员，但流程没有设置管理员角色。请在流程设置中选择。",
        "en": "The empty policy is “administrator”, but the flow names no administrator role. Choose one in its settings.",
    },
    "L124": {
        "zh-CN": "票签比例 100% 且“必须超过”，永远不会通过。请调低比例或改为“达到即可”。",
        "en": "“More than 100 %” can never pass. Lower the share or allow “at least”.",
    },
    "L125": {
        "zh-CN": "这些流程会互相触发：{circle}。同一条记录上流程不会再次启动自己，连锁最多 8 层；"
        "如果不是有意的，请限定触发字段或条件。",
        "en": "These flows set each other off: {circle}. A flow does not start itself again on the same record and a "
        "chain ends after 8 flows; if this is not meant, narrow the fields or the condition of a trigger.",
    },
    # -- why a token is held
    "L201": {"zh-CN": "出口没有连接", "en": "the port leads nowhere"},
    "L202": {"zh-CN": "没有符合条件的分支", "en": "no way of the branch applies"},
    "L203": {"zh-CN": "同一条线上出现了两个令牌", "en": "two tokens met on one wire"},
    "L204": {"zh-CN": "自动步骤循环过多，已停住", "en": "automatic steps went round too often"},
    "L205": {"zh-CN": "找不到审批人", "en": "nobody was found to decide"},
    "L206": {"zh-CN": "更新记录失败：{problem}", "en": "updating the record failed: {problem}"},
    "L207": {"zh-CN": "要更新的关联记录为空", "en": "the linked record to update is blank"},
    "L208": {"zh-CN": "没有可退回的步骤", "en": "there is no step to return to"},
    "L209": {"zh-CN": "计算失败：{problem}", "en": "an expression failed: {problem}"},
    "L210": {
        "zh-CN": "没有启动：已有 {limit} 个流程接连触发",
        "en": "not started: {limit} flows in a row have led here",
    },
    # -- refused commands
    "L301": {
        "zh-CN": "这条任务已经处理过了（{state}）。页面已过期，请刷新后查看最新状态。",
        "en": "This task has been dealt with already ({state}). The screen is out of date; reload to see where it is.",
    },
    "L302": {
        "zh-CN": "流程已经变化，请先查看最新状态再操作。",
        "en": "The flow has moved on. Look at its present state before you act.",
    },
    "L303": {"zh-CN": "请填写意见。", "en": "A comment is required."},
    "L304": {"zh-CN": "同意前必须填写“{label}”。", "en": "“{label}” must be filled in before you approve."},
    "L305": {
        "zh-CN": "这一步不允许“{action}”。可用操作：{allowed}。",
        "en": "This step does not allow “{action}”. What it allows: {allowed}.",
    },
    "L306": {
        "zh-CN": "“{label}”在这一步不能修改。",
        "en": "“{label}” cannot be changed in this step.",
    },
    "L307": {
        "zh-CN": "不能退回到这一步。请从列表中选择。",
        "en": "The task cannot be returned to that step. Choose one of the list.",
    },
    "L308": {
        "zh-CN": "不能转交给此人：{reason}。请选择其他人。",
        "en": "The task cannot be handed to this person: {reason}. Choose someone else.",
    },
    "L309": {
        "zh-CN": "现在不能撤回：{reason}。",
        "en": "It cannot be withdrawn now: {reason}.",
    },
    "L310": {
        "zh-CN": "“{flow}”现在不能发起：{reason}。",
        "en": "“{flow}” cannot be started now: {reason}.",
    },
    "L311": {
        "zh-CN": "这条记录正在“{flow}”审批中，暂时不能{action}。请等审批结束，或请发起人撤回。",
        "en": "“{flow}” is working on this record, so it cannot be {action} now. Wait for the end, or have the initiator withdraw it.",
    },
    "L312": {
        "zh-CN": "操作编号已被另一次操作使用，请刷新后重试。",
        "en": "This command id belongs to another command. Reload and try again.",
    },
    "L313": {
        "zh-CN": "刚刚已经催办过，{minutes} 分钟内请勿重复。",
        "en": "A reminder was sent just now; wait {minutes} minutes before the next.",
    },
    "L314": {"zh-CN": "流程已结束，不能再操作。", "en": "The flow is over; nothing more can be done."},
    "L315": {"zh-CN": "没有需要处理的异常。", "en": "There is no incident to deal with."},
    "L316": {"zh-CN": "请说明原因。", "en": "A reason is required."},
    # -- words used inside other texts, notices
    "L401": {"zh-CN": "已有同一流程在进行", "en": "the same flow is already running"},
    "L402": {"zh-CN": "记录不满足发起条件", "en": "the record does not meet the condition"},
    "L403": {"zh-CN": "您没有发起权限", "en": "you may not start it"},
    "L404": {"zh-CN": "已有人作出决定", "en": "somebody has decided already"},
    "L405": {"zh-CN": "流程设置为不可撤回", "en": "the flow does not allow it"},
    "L406": {"zh-CN": "此人已停用", "en": "the person is not active"},
    "L407": {"zh-CN": "此人已在这一步中", "en": "the person has a seat in this step already"},
    "L408": {"zh-CN": "找不到此人", "en": "there is no such person"},
    "L409": {"zh-CN": "修改", "en": "edited"},
    "L410": {"zh-CN": "删除", "en": "deleted"},
    "L411": {
        "zh-CN": "待办提醒：请处理“{title}”（{flow} · {node}）",
        "en": "Reminder: “{title}” waits for you ({flow} · {node})",
    },
    "L412": {
        "zh-CN": "{actor}催您处理“{title}”（{flow} · {node}）",
        "en": "{actor} asks you to deal with “{title}” ({flow} · {node})",
    },
    "L413": {"zh-CN": "本流程不能手动发起", "en": "this flow does not start by hand"},
}

register_messages(TEXTS)
