"""What rules say to people: on writes, and when they are published."""

from __future__ import annotations

from metadata.findings import register_messages

register_messages(
    {
        "R325": {"zh-CN": "{message}", "en": "{message}"},
        "R330": {
            "zh-CN": "“{label}”现在不能修改，保留了原值的提交才会被接受。规则：{name}。请恢复原值再保存。",
            "en": '"{label}" may not be changed now, by the rule {name}. Put the old value back and save again.',
        },
        "R331": {
            "zh-CN": "“{label}”现在不能选这个值。规则：{name}。请从可选项中重新选择。",
            "en": '"{label}" may not have this value now, by the rule {name}. Choose one of those offered.',
        },
        "R332": {
            "zh-CN": "{message} 如确需保存，请填写理由。",
            "en": "{message} To save it all the same, give a reason.",
        },
        "R333": {
            "zh-CN": "规则为“{label}”算出的值放不进这个字段。请检查它用到的字段，或请管理员修改规则。",
            "en": 'The value rules give "{label}" does not fit into it. Check the fields it is worked out from, or have the rule '
            "changed.",
        },
        "R334": {
            "zh-CN": "规则互相依赖，成了一个圈：{path}。请去掉其中一条规则，或不让它读取它所决定的字段。",
            "en": "Rules need each other in a circle: {path}. Take one of them away, or have it not read what it decides.",
        },
        "R335": {
            "zh-CN": "规则不能写入“{label}”：它由系统计算或是子表。请选择可填写的字段。",
            "en": 'A rule cannot write "{label}": it is kept by the system, computed, or a sub-table. Choose a field people '
            "fill in.",
        },
        "R336": {
            "zh-CN": "“{label}”不是选项、关联或人员字段，不能限制可选项。",
            "en": '"{label}" is no choice, link or person field, so there is nothing to choose from.',
        },
        "R337": {
            "zh-CN": "“{label}”没有选项“{option}”。请从它的选项中选择。",
            "en": '"{label}" has no option {option}. Choose among its options.',
        },
        "R338": {
            "zh-CN": "“{label}”与规则中的其他字段指向不同的对象，不能用同一个范围条件。请为它另建规则。",
            "en": '"{label}" leads to another entity than the other fields of the rule. Make a rule of its own for it.',
        },
    }
)
