"""Texts of the findings of this package: M0xx the file, M1xx the structure, M2xx a merge, M3xx a template."""

from __future__ import annotations

from metadata.findings import register_messages
from metadata.model import Text

register_messages(
    {
        # -- the file -------------------------------------------------------------------------------------------
        "M001": {
            "zh-CN": "第 {line} 行第 {column} 列不是正确的 JSON：{reason}。请在该处改正后重试。",
            "en": "Not correct JSON at line {line}, column {column}: {reason}. Correct it there and try again.",
        },
        "M002": {
            "zh-CN": "文件有 {size} 字节，超过上限 {limit} 字节。请拆分应用，或去掉示例数据。",
            "en": "The file has {size} bytes, more than the {limit} allowed. Split the application or leave out sample data.",
        },
        "M003": {
            "zh-CN": "内容嵌套超过 {limit} 层，无法读取。请减少嵌套。",
            "en": "The content is nested more than {limit} levels deep. Make it flatter.",
        },
        "M004": {
            "zh-CN": "键“{key}”在同一个对象里出现了两次。请删除其中一个。",
            "en": 'The key "{key}" appears twice in one object. Delete one of them.',
        },
        "M005": {
            "zh-CN": "数字 {value} 过大或过长，无法精确保存。请改为 ±9007199254740991 以内的数。",
            "en": "The number {value} is too large or too long to be kept exactly. Use one within ±9007199254740991.",
        },
        "M006": {
            "zh-CN": "{where}：这里应该是{expected}，现在是{found}。请改成{expected}。",
            "en": "{where}: {expected} is expected here, but this is {found}. Change it to {expected}.",
        },
        "M007": {
            "zh-CN": "{where}：缺少必填的“{key}”。请补上它。",
            "en": '{where}: "{key}" is missing. Add it.',
        },
        "M008": {
            "zh-CN": "{where}：不认识“{key}”。{hint}",
            "en": '{where}: "{key}" is not known here. {hint}',
        },
        "M009": {
            "zh-CN": "{where}：“{value}”不是正确的{expected}。{example}",
            "en": '{where}: "{value}" is not a correct {expected}. {example}',
        },
        "M010": {
            "zh-CN": "{where}：“{value}”不在允许的值里。请改为以下之一：{allowed}。",
            "en": '{where}: "{value}" is not allowed. Use one of: {allowed}.',
        },
        "M011": {
            "zh-CN": "{where}：文字有 {amount} 个字符，{limit}个。请修改长度。",
            "en": "{where}: the text has {amount} characters; it may have {limit}. Change its length.",
        },
        "M012": {
            "zh-CN": "{where}：这里有 {amount} 项，{limit}项。请增减到范围内。",
            "en": "{where}: there are {amount} items here; {limit} are allowed. Add or remove some.",
        },
        "M013": {
            "zh-CN": "{where}：{amount} 超出范围，{limit}。请改为范围内的数。",
            "en": "{where}: {amount} is out of range; it may be {limit}. Use a number in that range.",
        },
        "M014": {
            "zh-CN": "{where}：列表中有重复的项。请删除重复的一项。",
            "en": "{where}: the list has the same item twice. Delete one.",
        },
        "M015": {
            "zh-CN": "{where}：不符合规定的结构（{reason}）。请对照文档修改。",
            "en": "{where}: this does not have the required shape ({reason}). Compare it with the documentation.",
        },
        "M016": {
            "zh-CN": '文件格式是 {found}，当前程序能读 0 到 {known}。请升级程序，或在文件里写 "format": {known}。',
            "en": 'The file says format {found}; this program reads 0 to {known}. Upgrade the program, or state "format": {known}.',
        },
        "M017": {
            "zh-CN": "内容不是 JSON 值：{reason}。请只使用文字、数字、真假值、空值、列表和对象。",
            "en": "The content is no JSON value: {reason}. Use only text, numbers, true, false, null, lists and objects.",
        },
        "M018": {
            "zh-CN": "内容超过 {limit} 个值，过于庞大。请拆分应用。",
            "en": "The content has more than {limit} values. Split the application.",
        },
        # -- the structure --------------------------------------------------------------------------------------
        "M101": {
            "zh-CN": "{where}：标识 {id} 已被{other}使用。请给其中一个换新的标识。",
            "en": "{where}: the id {id} is already used by {other}. Give one of them another id.",
        },
        "M102": {
            "zh-CN": "{where}：键名“{key}”已被{other}使用。请改用别的键名。",
            "en": '{where}: the key "{key}" is already used by {other}. Choose another key.',
        },
        "M103": {
            "zh-CN": "{where}：引用了不存在的 {target}。请改为存在的对象，或删除这处引用。",
            "en": "{where}: {target} does not exist. Point to something that exists, or delete this reference.",
        },
        "M104": {
            "zh-CN": "{where}：{target} 不是{entity}的字段。请选择该对象自己的字段。",
            "en": "{where}: {target} is no field of {entity}. Choose a field of that entity.",
        },
        "M105": {
            "zh-CN": "{where}：{target} 在回收站里。请先恢复它，或删除这处引用。",
            "en": "{where}: {target} is in the trash. Restore it first, or delete this reference.",
        },
        "M106": {
            "zh-CN": "{where}：键名“{key}”是系统保留的。请换一个，例如“{key}_1”。",
            "en": '{where}: the key "{key}" is reserved. Use another, such as "{key}_1".',
        },
        "M107": {
            "zh-CN": "{where}：键名“{key}”看起来像标识，容易混淆。请换一个不以“{prefix}_”开头的键名。",
            "en": '{where}: the key "{key}" looks like an id. Use one that does not start with "{prefix}_".',
        },
        "M108": {
            "zh-CN": "{where}：上级对象形成了循环（{cycle}）。请清除其中一个对象的上级。",
            "en": "{where}: the parents form a circle ({cycle}). Clear the parent of one of them.",
        },
        "M109": {
            "zh-CN": "{where}：它是{parent}的子表，但{parent}里有 {count} 个字段显示它，应当正好一个。请增加或删除子表字段。",
            "en": "{where}: it is a child of {parent}, but {count} sub-table fields of {parent} show it; there must be exactly one. Add or delete a sub-table field.",
        },
        "M110": {
            "zh-CN": "{where}：子表字段指向{target}，但{target}的上级不是{entity}。请把它的上级设为{entity}，或换一个子对象。",
            "en": "{where}: this sub-table shows {target}, whose parent is not {entity}. Set its parent, or choose another child.",
        },
        "M111": {
            "zh-CN": "{where}：没有指定关联的对象。请在选项里选择一个对象。",
            "en": "{where}: no target entity is chosen. Choose one in the options.",
        },
        "M112": {
            "zh-CN": "{where}：选项没有文字。请至少填写一种语言的名称。",
            "en": "{where}: the option has no text. Give it a name in at least one language.",
        },
        "M113": {
            "zh-CN": "{where}：负责范围只能用人员字段，{target} 不是。请改为人员字段。",
            "en": "{where}: only person fields can say whose record it is; {target} is none. Choose a person field.",
        },
        "M114": {
            "zh-CN": "{where}：动作“{action}”不存在。可用的动作：{known}。",
            "en": '{where}: there is no action "{action}". Known actions: {known}.',
        },
        "M115": {
            "zh-CN": "{where}：范围“{kind}”需要填写{missing}。请补上，或改用别的范围。",
            "en": '{where}: the range "{kind}" needs {missing}. Add it, or choose another range.',
        },
        "M116": {
            "zh-CN": "{where}：应当正好有一个开始节点，现在有 {count} 个。请增加或删除。",
            "en": "{where}: there must be exactly one start node, there are {count}. Add or delete one.",
        },
        "M117": {
            "zh-CN": "{where}：连线的一端 {target} 不在这个流程里。请重新连接或删除连线。",
            "en": "{where}: the wire ends at {target}, which is not in this flow. Connect it again or delete it.",
        },
        "M118": {
            "zh-CN": "{where}：图表 {target} 不在这个仪表盘里。请从网格中移除，或添加该图表。",
            "en": "{where}: there is no widget {target} on this dashboard. Take it off the grid, or add the widget.",
        },
        "M119": {
            "zh-CN": "{where}：菜单项应指向{expected}，但 {target} 不是。请重新选择。",
            "en": "{where}: this menu item must point to {expected}, but {target} is none. Choose again.",
        },
        "M120": {
            "zh-CN": "{where}：字段 {target} 在表单里放了两次。请删除其中一处。",
            "en": "{where}: the field {target} is on the form twice. Delete one of them.",
        },
        "M121": {
            "zh-CN": "{where}：{entity}已经有默认的{what}。请只保留一个默认。",
            "en": "{where}: {entity} already has a default {what}. Keep only one.",
        },
        "M122": {
            "zh-CN": "{where}：路径“{path}”走不通，停在“{stop}”。路径只能经过单选关联字段。",
            "en": '{where}: the path "{path}" stops at "{stop}". A path may only go through links to one record.',
        },
        "M123": {
            "zh-CN": '{where}：筛选条件写法不对。应为 [运算符, 字段, 值]，或 ["and"|"or"|"not", ...]。',
            "en": '{where}: this is no filter. Write [operator, field, value] or ["and"|"or"|"not", ...].',
        },
        "M124": {
            "zh-CN": "{where}：{target} 不是链接到{entity}的字段。请选择指向它的关联字段。",
            "en": "{where}: {target} is no link field that points to {entity}. Choose one that does.",
        },
        "M125": {
            "zh-CN": "{where}：缺少{language}文字，使用该语言的人会看到另一种语言。建议补上。",
            "en": "{where}: there is no text in {language}; its readers will see another language. Better add it.",
        },
        "M126": {
            "zh-CN": "{where}：记录标题不能用{type}类型的字段 {target}。请选择文字、数字或日期字段。",
            "en": "{where}: the field {target} of type {type} cannot name a record. Choose a text, number or date field.",
        },
        "M127": {
            "zh-CN": "{where}：网格位置超出 12 列（起点 {x}，宽 {width}）。请缩小宽度或左移。",
            "en": "{where}: the place leaves the 12 columns (from {x}, width {width}). Make it narrower or move it left.",
        },
        "M128": {
            "zh-CN": "{where}：所有字段都不可见，这条授权没有作用。请给出可见字段，或删除授权。",
            "en": "{where}: every field is hidden, so this grant does nothing. Show some fields, or delete the grant.",
        },
        "M129": {
            "zh-CN": "{where}：需要平台版本 {wanted}，当前是 {found}。请先升级平台。",
            "en": "{where}: needs platform {wanted}; this is {found}. Upgrade the platform first.",
        },
        "M130": {
            "zh-CN": "{where}：这条规则还缺少{part}。请补上。",
            "en": "{where}: this rule lacks {part}. Add it.",
        },
        "M131": {
            "zh-CN": "{where}：{kind}不能放在{owner}里。标签页只能放在标签页组里，分页只能放在表单最外层。",
            "en": "{where}: {kind} cannot stand in {owner}. A tab stands in tabs, a page at the top of the form.",
        },
        "M132": {
            "zh-CN": "{where}：{kind}里面不能再放内容。请移出来。",
            "en": "{where}: {kind} cannot hold anything. Move it out.",
        },
        # -- merge and template ---------------------------------------------------------------------------------
        "M201": {
            "zh-CN": "{where}：本地和新模板都修改了这里，已保留本地的值。",
            "en": "{where}: changed both here and in the new template; the local value was kept.",
        },
        "M202": {
            "zh-CN": "{where}：本地已删除，新模板修改了它，仍保持删除。",
            "en": "{where}: deleted here, changed in the new template; it stays deleted.",
        },
        "M203": {
            "zh-CN": "{where}：新模板已删除，本地修改过它，已保留本地的版本。",
            "en": "{where}: deleted in the new template, changed here; the local one was kept.",
        },
    }
)

_JSON_REASONS = {
    "unexpected character": "有多余或不该出现的字符",
    "unexpected end of data": "内容不完整",
    "trailing comma is not allowed": "末尾多了逗号",
    "unexpected content after document": "结束后还有内容",
    "invalid escape": "转义写法不对",
    "leading zero": "数字不能以 0 开头",
    "control character": "文字里有控制字符",
    "literal": "只能写 true、false 或 null",
    "number": "数字写法不对",
    "Recursion": "嵌套过深",
    "UTF-8": "不是 UTF-8 编码",
    "empty": "内容为空",
}


def json_reason(english: str) -> Text:
    """Return the reason of a JSON syntax error in both languages."""
    chinese = next((text for part, text in _JSON_REASONS.items() if part in english), "写法不对")
    return {"zh-CN": chinese, "en": english.split(":")[0]}
