"""What the record store says to people. R2xx questions, R3xx writes."""

from __future__ import annotations

from metadata.findings import register_messages

register_messages(
    {
        "R201": {
            "zh-CN": "没有字段“{name}”。请检查拼写，或向管理员申请查看权限。",
            "en": 'There is no field "{name}". Check the spelling, or ask an administrator for access.',
        },
        "R202": {
            "zh-CN": '筛选条件写法不对：{part}。应写成 [运算符, 字段, 值] 或 ["and"/"or", 条件...]。',
            "en": 'The filter is malformed at {part}. Write [operator, field, value] or ["and"/"or", condition, ...].',
        },
        "R203": {
            "zh-CN": "字段“{label}”不支持运算符“{operator}”。可用：{known}。",
            "en": 'The field "{label}" does not know the operator "{operator}". It knows: {known}.',
        },
        "R204": {
            "zh-CN": "您只能看到“{label}”的掩码，不能用它筛选、排序、分组或搜索。请换一个字段。",
            "en": 'You only see "{label}" masked: it cannot be filtered, sorted, grouped or searched. Use another one.',
        },
        "R205": {
            "zh-CN": "筛选条件太多（{found}，上限 {limit}）。请合并或删去一些条件。",
            "en": "The filter is too big ({found}, at most {limit}). Join or remove conditions.",
        },
        "R206": {
            "zh-CN": "字段“{label}”不能用来排序。请换一个字段。",
            "en": '"{label}" cannot be sorted by. Use another field.',
        },
        "R207": {
            "zh-CN": "翻页标记已失效。请回到第一页重新查询。",
            "en": "The page marker is no longer valid. Start again from the first page.",
        },
        "R208": {
            "zh-CN": "{what}必须在 {low} 到 {high} 之间。",
            "en": "{what} must be between {low} and {high}.",
        },
        "R209": {
            "zh-CN": "不能同时使用翻页标记（cursor）和偏移（offset）。请只用一个。",
            "en": "A cursor and an offset cannot be used together. Use one of them.",
        },
        "R210": {
            "zh-CN": "“{label}”不是指向单条记录的关联字段，不能写成“{name}”。请去掉点号后面的部分。",
            "en": '"{label}" does not lead to one record, so "{name}" means nothing. Remove what follows the dot.',
        },
        "R211": {
            "zh-CN": "字段“{label}”不能按“{aggregate}”汇总。可用：{known}。",
            "en": '"{label}" cannot be summed up by "{aggregate}". It knows: {known}.',
        },
        "R212": {
            "zh-CN": "字段“{label}”不能用来分组。请换一个字段。",
            "en": '"{label}" cannot be grouped by. Use another field.',
        },
        "R213": {
            "zh-CN": "字段“{label}”不能按“{grain}”分段，只有日期和时间可以。",
            "en": '"{label}" cannot be cut into "{grain}"; only dates and times can.',
        },
        "R214": {
            "zh-CN": "“{id}”在汇总中出现了两次。请改名。",
            "en": '"{id}" is used twice in the totals. Rename one.',
        },
        "R215": {
            "zh-CN": "表达式条件不能用在这里：{why}。",
            "en": "This expression cannot be used as a condition: {why}.",
        },
        "R217": {
            "zh-CN": "这个筛选里有数据库不能计算的部分，要逐条计算；已读 {limit} 条，只找到 {found} 条，先停下了。"
            "请再加一个数据库能计算的条件（例如日期范围），或把公式做成计算字段再筛选。",
            "en": "A part of this filter cannot be computed by the database and is worked out record by record; after "
            "{limit} records, with {found} found, it stops. Add a condition the database can compute, such as a range "
            "of dates, or make the formula a computed field and filter by that.",
        },
        "R218": {
            "zh-CN": "这样分组会超过 {limit} 组，无法阅读。请改按其他字段分组、把日期按月或季度分段，或先筛选。",
            "en": "This makes more than {limit} groups, too many to read. Group by another field, put dates together "
            "by month or quarter, or filter first.",
        },
        "R219": {
            "zh-CN": "“{value}”不是这种分组里的一组。请重新打开列表。",
            "en": '"{value}" is no group of this grouping. Open the list again.',
        },
        "R301": {
            "zh-CN": "没有可以填写的字段“{name}”。请检查拼写，或向管理员申请编辑权限。",
            "en": 'There is no field "{name}" for you to fill in. Check the spelling, or ask an administrator.',
        },
        "R302": {
            "zh-CN": "“{label}”由系统维护，不能修改。请从提交内容中去掉它。",
            "en": '"{label}" is kept by the system and cannot be changed. Leave it out.',
        },
        "R303": {
            "zh-CN": "您不能修改“{label}”。请撤回这项改动，或联系管理员。",
            "en": 'You may not change "{label}". Undo this change, or ask an administrator.',
        },
        "R304": {"zh-CN": "请填写“{label}”。", "en": 'Please fill in "{label}".'},
        "R305": {
            "zh-CN": "“{label}”的值已被另一条记录使用。请换一个值，或打开已有的记录。",
            "en": 'Another record already has this "{label}". Use another value, or open the record that exists.',
        },
        "R306": {
            "zh-CN": "“{label}”指向的记录不存在，或者您没有查看权限。请重新选择。",
            "en": 'The record chosen in "{label}" does not exist, or you may not see it. Choose again.',
        },
        "R307": {
            "zh-CN": "“{label}”选择的人员不存在。请重新选择。",
            "en": 'The person chosen in "{label}" does not exist. Choose again.',
        },
        "R308": {
            "zh-CN": "不能删除：还有 {count} 条“{entity}”通过“{label}”引用它。请先修改或删除那些记录。",
            "en": 'It cannot be deleted: {count} "{entity}" point to it by "{label}". Change or delete those first.',
        },
        "R309": {
            "zh-CN": "不能删除：还有其他记录引用它。请联系管理员。",
            "en": "It cannot be deleted: other records still point to it. Ask an administrator.",
        },
        "R310": {
            "zh-CN": "“{label}”中的附件 {file} 不能使用：它不存在，或者不是您上传的。请重新上传。",
            "en": 'The file {file} in "{label}" cannot be used: it does not exist or is not yours. Upload it again.',
        },
        "R347": {
            "zh-CN": "“{label}”选择的部门不存在。请重新选择。",
            "en": 'The department chosen in "{label}" does not exist. Choose again.',
        },
        "R341": {
            "zh-CN": "“{label}”提交后不能更改。如果有误，请新建一条记录。",
            "en": '"{label}" stays as it was submitted. If it is wrong, make a new record.',
        },
        "R311": {
            "zh-CN": "保存后这条记录会超出您可以处理的范围。请改回“负责人”等字段，或向管理员申请转移权限。",
            "en": "The record would leave your range. Change the owner back, or ask for the right to transfer.",
        },
        "R312": {
            "zh-CN": "“{label}”必须是一组行，每行是 {字段: 值}。",
            "en": '"{label}" must be a list of rows, each {field: value}.',
        },
        "R313": {
            "zh-CN": "“{label}”中没有这一行（{id}）。它可能已被删除，请刷新后再试。",
            "en": 'There is no row {id} in "{label}". It may have been deleted; reload and try again.',
        },
        "R314": {
            "zh-CN": "计算“{label}”时出错（{code}）。请检查它用到的字段。",
            "en": '"{label}" could not be computed ({code}). Check the fields it uses.',
        },
        "R316": {
            "zh-CN": "一次最多处理 {limit} 条记录，收到 {found} 条。请分批提交。",
            "en": "At most {limit} records at once, {found} were sent. Send them in parts.",
        },
        "R317": {
            "zh-CN": "“{operation}”不是可用的操作。可用：create、update、delete。",
            "en": '"{operation}" is not an operation. Use create, update or delete.',
        },
        "R318": {
            "zh-CN": "记录编号 {id} 已被使用。",
            "en": "The record id {id} is taken.",
        },
        "R319": {
            "zh-CN": "找不到记录 {id}，或者您没有权限。",
            "en": "Record {id} was not found, or you may not change it.",
        },
        "R320": {
            "zh-CN": "记录 {id} 已被他人修改（现为第 {rev} 版）。请刷新后再试。",
            "en": "Someone else changed record {id} (it is at revision {rev} now). Reload and try again.",
        },
        "R321": {
            "zh-CN": "不能恢复：它所属的记录还在回收站里。请先恢复那条记录。",
            "en": "It cannot be restored: the record it belongs to is in the trash. Restore that one first.",
        },
        "R322": {
            "zh-CN": "提交的内容必须是 {字段: 值}。",
            "en": "What is sent must be {field: value}.",
        },
        "R323": {
            "zh-CN": "条件“{label}”计算出错（{code}），因此不能保存。请检查相关字段。",
            "en": 'The check on "{label}" failed with {code}, so nothing was saved. Look at the fields it uses.',
        },
        "R324": {
            "zh-CN": "“{label}”中没有选择任何记录所属的上级。请先选择。",
            "en": 'A row needs the record it belongs to: fill in "{label}".',
        },
    }
)
