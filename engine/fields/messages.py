"""Sentences about values and options of fields, in both languages."""

from __future__ import annotations

from metadata.findings import register_messages

register_messages(
    {
        "F100": {
            "zh-CN": "“{value}”无法转换为这个字段的类型。",
            "en": '"{value}" cannot be turned into a value of this field.',
        },
        # text
        "F101": {"zh-CN": "这里需要文本。", "en": "This needs to be text."},
        "F102": {
            "zh-CN": "文本共 {length} 个字符，超过上限 {limit}。请缩短。",
            "en": "The text has {length} characters; at most {limit} are allowed. Shorten it.",
        },
        "F103": {"zh-CN": "{message}", "en": "{message}"},
        "F104": {
            "zh-CN": "第 {position} 个字符是不可见的控制字符（{character}）。请删除后再保存。",
            "en": "Character {position} is an invisible control character ({character}). Remove it and save again.",
        },
        "F105": {
            "zh-CN": "单行文本中不能换行。请去掉换行，或改用多行文本字段。",
            "en": "A single-line text cannot hold line breaks. Remove them, or use a long text field.",
        },
        "F106": {
            "zh-CN": "“{value}”不是有效的邮箱地址。例如 name@example.com。",
            "en": '"{value}" is not an e-mail address. Example: name@example.com.',
        },
        "F107": {
            "zh-CN": "“{value}”不是有效的电话号码。请填写手机号、带区号的座机（010-12345678）、400 号码或以 + 开头的国际号码。",
            "en": '"{value}" is not a phone number. Write a mobile number, a landline with its area code (010-12345678), '
            "a 400 number, or an international number that starts with +.",
        },
        "F108": {
            "zh-CN": "座机号码“{value}”缺少区号。请写成 010-{value} 的形式。",
            "en": 'The landline number "{value}" lacks its area code. Write it like 010-{value}.',
        },
        "F109": {"zh-CN": "内容不符合规定的格式。", "en": "The text does not have the required format."},
        # numbers
        "F201": {
            "zh-CN": "“{value}”不是数字。请写成 1234.50 或 1,234.50 的形式。",
            "en": '"{value}" is not a number. Write it like 1234.50 or 1,234.50.',
        },
        "F202": {
            "zh-CN": "“{value}”的小数位过多，最多 {scale} 位。请先四舍五入。",
            "en": '"{value}" has too many decimals; at most {scale} are allowed. Round it first.',
        },
        "F203": {
            "zh-CN": "数字“{value}”太大：整数部分最多 {digits} 位。",
            "en": 'The number "{value}" is too large: at most {digits} digits before the decimal point.',
        },
        "F204": {"zh-CN": "数字“{value}”小于最小值 {min}。", "en": 'The number "{value}" is below the minimum {min}.'},
        "F205": {"zh-CN": "数字“{value}”大于最大值 {max}。", "en": 'The number "{value}" is above the maximum {max}.'},
        "F206": {
            "zh-CN": "“{value}”的币种与字段不同，这里只能填写 {currency}。",
            "en": '"{value}" is in another currency; this field holds {currency} only.',
        },
        "F207": {
            "zh-CN": "“{value}”看不出是百分比还是小数。请写成 {value}%，或写成小于 1 的小数。",
            "en": '"{value}" could be percent or a fraction. Write {value}%, or a fraction below 1.',
        },
        # dates
        "F301": {
            "zh-CN": "“{value}”不是有效的日期。请写成 2026-11-21 或 2026年11月21日。",
            "en": '"{value}" is not a date. Write it like 2026-11-21.',
        },
        "F302": {
            "zh-CN": "“{value}”不是有效的时间。请写成 2026-11-21 16:30，接口中请带时区，如 2026-11-21T08:30:00Z。",
            "en": '"{value}" is not a date and time. Write it like 2026-11-21 16:30; over the API with its offset, '
            "like 2026-11-21T08:30:00Z.",
        },
        "F303": {
            "zh-CN": "“{value}”带有时间，而这里只能填写日期。",
            "en": '"{value}" has a time of day; this field holds a date only.',
        },
        "F304": {
            "zh-CN": "时间“{value}”超出范围（0001-01-02 至 9999-12-30）。",
            "en": 'The instant "{value}" is out of range (0001-01-02 to 9999-12-30).',
        },
        # choices
        "F401": {"zh-CN": "“{value}”不是“是”或“否”。", "en": '"{value}" is neither yes nor no.'},
        "F402": {
            "zh-CN": "没有“{value}”这个选项。可选：{options}。",
            "en": 'There is no option "{value}". Choose one of: {options}.',
        },
        "F403": {"zh-CN": "这里需要一个列表。", "en": "This needs to be a list."},
        "F404": {
            "zh-CN": "共 {count} 项，最多只能有 {limit} 项。请去掉多余的。",
            "en": "There are {count} items; at most {limit} are allowed. Remove some.",
        },
        "F405": {"zh-CN": "标签不能为空。", "en": "A tag cannot be empty."},
        "F406": {
            "zh-CN": "标签“{value}”中不能有逗号、分号、顿号、竖线、引号或反斜杠。请去掉它们，或分成几个标签。",
            "en": 'The tag "{value}" cannot hold commas, semicolons, bars, quotes or backslashes. Remove them, '
            "or make several tags of it.",
        },
        "F407": {
            "zh-CN": "“{value}”下面还有选项，请选到最后一级。",
            "en": 'There are options below "{value}"; choose one of those.',
        },
        "F408": {
            "zh-CN": "“{row}”只能选一个答案。",
            "en": '"{row}" takes one answer only.',
        },
        "F409": {"zh-CN": "还没有回答“{row}”。请回答每一行。", "en": '"{row}" is not answered. Answer every row.'},
        "F410": {
            "zh-CN": "“{value}”不是这个量表的行和答案。请写成“行：答案；行：答案”。",
            "en": '"{value}" is not a row and an answer of this scale. Write "row: answer; row: answer".',
        },
        # people, relations, files
        "F501": {
            "zh-CN": "“{value}”不是有效的人员编号。请从列表中选择。",
            "en": '"{value}" is not the id of a person. Choose one from the list.',
        },
        "F502": {
            "zh-CN": "“{value}”不是有效的记录编号。请从列表中选择。",
            "en": '"{value}" is not the id of a record. Choose one from the list.',
        },
        "F503": {"zh-CN": "子表需要由行组成的列表。", "en": "A sub-table needs a list of rows."},
        "F504": {
            "zh-CN": "子表不能从文本读入。请按行导入子表的数据。",
            "en": "A sub-table cannot be read from text. Import its rows instead.",
        },
        "F505": {
            "zh-CN": "“{value}”不是有效的部门编号。请从列表中选择。",
            "en": '"{value}" is not the id of a department. Choose one from the list.',
        },
        "F511": {
            "zh-CN": "没有行政区划“{value}”。请从省、市、区县中选择，或写成“浙江省杭州市西湖区 文三路 90 号”。",
            "en": 'There is no region "{value}". Choose province, city and district, or write 浙江省杭州市西湖区 文三路90号.',
        },
        "F512": {
            "zh-CN": "地址要选到{level}。",
            "en": "Choose the address down to the {level}.",
        },
        "F513": {
            "zh-CN": "“{value}”不是有效的位置。请写成“纬度,经度 地址”，例如 30.274100,120.155100 杭州市政府。",
            "en": '"{value}" is not a position. Write "latitude,longitude address", such as 30.274100,120.155100 City hall.',
        },
        "F514": {
            "zh-CN": "所在位置离“{place}”{distance} 米，超出允许的 {limit} 米。请到达后再定位。",
            "en": 'This position is {distance} m from "{place}", more than the allowed {limit} m. Locate again once there.',
        },
        "F601": {
            "zh-CN": "“{value}”不是已上传的文件。请先上传。",
            "en": '"{value}" is not an uploaded file. Upload it first.',
        },
        "F701": {
            "zh-CN": "这个字段由系统计算，不能填写。",
            "en": "This field is computed; it cannot be filled in.",
        },
        # filters
        "F801": {
            "zh-CN": "这个字段不能用“{operator}”筛选。可用：{operators}。",
            "en": 'This field cannot be filtered with "{operator}". Use one of: {operators}.',
        },
        "F802": {
            "zh-CN": "这个筛选条件需要一个列表，最多 {limit} 项。",
            "en": "This filter needs a list of at most {limit} items.",
        },
        "F803": {"zh-CN": "筛选条件“{operator}”不需要值。", "en": 'The filter "{operator}" takes no value.'},
        "F804": {"zh-CN": "“介于”需要起止两个值。", "en": "A range needs exactly two values, from and to."},
        "F805": {
            "zh-CN": "筛选条件“{operator}”缺少值。要找空值，请用“为空”。",
            "en": 'The filter "{operator}" lacks a value. To find blanks use "blank".',
        },
        "F806": {
            "zh-CN": '相对日期写法不对。请写成 {"last": 30, "unit": "day"}、{"this": "month"} 或 {"from": "2026-01-01", "to": "2026-03-31"}。',
            "en": 'This relative date is malformed. Write {"last": 30, "unit": "day"}, '
            '{"this": "month"} or {"from": "2026-01-01", "to": "2026-03-31"}.',
        },
        "F808": {
            "zh-CN": '距离条件写法不对。请写成 {"lat": 30.2741, "lng": 120.1551, "m": 500}，距离为 1 至 500000 米。',
            "en": 'This distance is malformed. Write {"lat": 30.2741, "lng": 120.1551, "m": 500}, 1 to 500000 metres.',
        },
        # options of a field
        "F901": {
            "zh-CN": "最小值 {min} 大于最大值 {max}。",
            "en": "The minimum {min} is above the maximum {max}.",
        },
        "F902": {
            "zh-CN": "格式“{pattern}”不是有效的正则表达式（RE2）：{reason}。",
            "en": 'The pattern "{pattern}" is not a valid regular expression (RE2): {reason}.',
        },
        "F903": {"zh-CN": "选项编号“{id}”出现了两次。", "en": 'The option id "{id}" appears twice.'},
        "F904": {
            "zh-CN": "选项名称“{label}”出现了两次，无法区分。请改名。",
            "en": 'The option label "{label}" appears twice and cannot be told apart. Rename one.',
        },
        "F905": {
            "zh-CN": "编号规则“{pattern}”不对：{reason}。例如 HT-{date:%Y%m}-{seq:4}。",
            "en": 'The number pattern "{pattern}" is wrong: {reason}. Example: HT-{date:%Y%m}-{seq:4}.',
        },
        "F906": {
            "zh-CN": "取值范围 {min} 至 {max} 超出了 {scale} 位小数时可保存的范围（整数部分最多 {digits} 位）。",
            "en": "The range {min} to {max} does not fit with {scale} decimals (at most {digits} digits before the point).",
        },
        "F908": {
            "zh-CN": "选项“{id}”的上级“{parent}”不存在，或就在它下面。请重新选择上级。",
            "en": 'The parent "{parent}" of option "{id}" does not exist or lies below it. Choose another one.',
        },
        "F909": {"zh-CN": "量表还没有答案列。请至少添加一列。", "en": "The scale has no columns. Add at least one."},
        "F910": {
            "zh-CN": "字段“{label}”的类型“{type}”在本系统中不可用，它会显示为“不可用”，数据保持不变。",
            "en": 'The type "{type}" of field "{label}" is not installed here; the field shows as unavailable, '
            "its data stays.",
        },
        "F911": {
            "zh-CN": "字段“{label}”的设置不对：{reason}。",
            "en": 'The options of field "{label}" are wrong: {reason}.',
        },
        "F912": {
            "zh-CN": "字段“{label}”不能用于唯一性规则。请选择文本、数字、日期、单选、人员或关联字段。",
            "en": 'Field "{label}" cannot take part in a unique rule. Use text, number, date, select, person or link.',
        },
        "F907": {"zh-CN": "“{value}”不是数字。", "en": '"{value}" is not a number.'},
    }
)
