"""Words the demo's names and sentences are made of."""

from __future__ import annotations

from dataclasses import dataclass


def words(text: str) -> tuple[str, ...]:
    """Split a list written as running text."""
    return tuple(text.split())


@dataclass(frozen=True, slots=True)
class Trade:
    """What a customer does (``word`` is part of its name), its industry and what it is sold."""

    word: str
    industry: str
    weight: int
    products: tuple[str, ...]


def _spoken(text: str) -> dict[str, str]:
    return {pair[0]: pair[2:] for pair in words(text)}


def _trade(line: str) -> Trade:
    word, industry, weight, *products = line.split()
    return Trade(word, industry, int(weight), tuple(products))


TRADES: tuple[Trade, ...] = tuple(
    _trade(line)
    for line in """
智能装备 manufacturing 8 产线数据采集 设备联网网关 MES实施服务 年度维保
精密机械 manufacturing 8 数控刀具管理 质检管理模块 MES实施服务 年度维保
汽车零部件 manufacturing 6 供应商协同平台 质量追溯系统 条码打印终端 年度维保
电子科技 manufacturing 9 SMT看板系统 仓储管理系统 条码打印终端 实施服务
新材料 manufacturing 5 配方管理系统 实验室管理系统 实施服务
食品 manufacturing 4 批次追溯系统 冷链监测终端 经销商管理模块
服饰 manufacturing 3 打版协同平台 门店补货系统 吊牌打印终端
软件 it 8 协同办公平台 代码托管服务 云资源包 高级技术支持
信息技术 it 9 数据中台 接口网关 云资源包 驻场服务
网络科技 it 8 客服系统 营销自动化平台 短信服务包 云资源包
数据服务 it 4 数据治理平台 报表平台 驻场服务
商贸 retail 6 进销存系统 会员营销系统 收银终端 短信服务包
电子商务 retail 6 订单中台 多平台铺货工具 客服系统 短信服务包
连锁超市 retail 3 收银终端 会员营销系统 自助结账设备
建设工程 construction 5 项目成本管理系统 劳务实名制终端 电子签章服务
装饰工程 construction 4 项目管理系统 材料采购平台 电子签章服务
环保工程 construction 3 在线监测平台 项目管理系统 运维服务
融资租赁 finance 2 风控系统 电子签章服务 合规咨询
保险经纪 finance 2 保单管理系统 客服系统 合规咨询
医疗器械 medical 5 UDI追溯系统 注册资料管理 经销商管理模块
生物医药 medical 4 实验室管理系统 冷链监测终端 合规咨询
健康管理 medical 3 会员管理系统 预约系统 短信服务包
教育科技 education 4 在线课堂平台 教务管理系统 录播设备
职业培训 education 2 教务管理系统 题库系统 短信服务包
供应链管理 logistics 5 运输管理系统 仓储管理系统 车载终端 电子签章服务
物流 logistics 5 运输管理系统 车载终端 结算平台
国际货运 logistics 2 关务系统 运输管理系统 结算平台
新能源 energy 5 能耗管理平台 储能监控系统 运维服务
化工 energy 3 安全生产平台 实验室管理系统 年度维保
文化传媒 other 3 项目管理系统 版权管理系统 云资源包
人力资源 other 3 薪酬系统 电子签章服务 短信服务包
农业科技 other 2 农情监测平台 批次追溯系统 物联网终端
""".strip().splitlines()
)

LEGAL_FORMS = ("有限公司",) * 14 + ("股份有限公司",) * 3 + ("集团有限公司",) * 2 + ("有限责任公司",)

FIRST = _spoken(
    "云=yun 恒=heng 鼎=ding 瑞=rui 盛=sheng 宏=hong 博=bo 智=zhi 天=tian 东=dong 远=yuan 泰=tai 安=an 佳=jia "
    "卓=zhuo 凯=kai 锐=rui 德=de 嘉=jia 亿=yi 启=qi 汇=hui 蓝=lan 星=xing 晨=chen 正=zheng 弘=hong 诚=cheng "
    "润=run 和=he 明=ming 聚=ju 优=you 朗=lang 铭=ming 思=si 逸=yi 睿=rui 尚=shang 昊=hao 力=li 众=zhong "
    "振=zhen 顺=shun 景=jing 麦=mai 禾=he 拓=tuo 维=wei 驰=chi 柏=bai 曜=yao 澜=lan 沃=wo 锦=jin"
)
SECOND = _spoken(
    "启=qi 达=da 创=chuang 源=yuan 晟=sheng 翔=xiang 图=tu 睿=rui 讯=xun 捷=jie 丰=feng 晖=hui 越=yue 航=hang "
    "景=jing 合=he 宇=yu 川=chuan 辉=hui 利=li 程=cheng 益=yi 迈=mai 泽=ze 诺=nuo 帆=fan 铂=bo 骏=jun 森=sen "
    "阳=yang 能=neng 兴=xing 成=cheng 方=fang 行=xing 思=si 石=shi 桥=qiao 岭=ling 谷=gu 湾=wan 屿=yu 峰=feng "
    "禾=he 芯=xin 致=zhi 屹=yi 普=pu 曦=xi 途=tu 语=yu 策=ce 衡=heng 原=yuan 弦=xian 序=xu"
)
KNOWN = frozenset(
    words(
        "东方 东风 恒达 汇丰 远达 天合 天能 天齐 亿利 云图 云南 正泰 正达 泰达 盛达 宏达 宏图 宏源 博创 博思 智达 智行 "
        "明源 明阳 聚合 思源 天源 天图 天创 优利 德力 德赛 凯迪 恒源 恒兴 恒丰 鼎信 鼎捷 瑞丰 瑞芯 安达 安讯 佳讯 星源 "
        "启明 蓝思 蓝帆 东阳 东阿 云天 和达 润达 润泽 众合 众兴 振华 顺丰 景峰 力帆 力源 拓维 拓普 远景 远航 远程 远方 "
        "明德 诚益 嘉源 嘉能 佳源 安能 安源 亿达 亿航 汇川 汇源 晨鸣 晨光 正邦 德邦 星辉 弘源 金源 优合 优讯 沃森"
    )
)
"""Brands that exist; the demo does not use them."""

SURNAMES = (
    "王王王王李李李李张张张张刘刘刘陈陈陈杨杨赵赵黄黄周周吴吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧程曹袁邓许傅沈曾彭吕苏卢蒋蔡"
    "贾丁魏薛叶阎余潘杜戴夏钟汪田任姜范方石姚谭廖邹熊金陆郝孔白崔康毛邱秦江史顾侯邵孟龙万段雷钱汤尹黎易常武乔贺赖龚文"
)
GIVEN = words(
    "伟 敏 静 丽 强 磊 军 洋 勇 艳 杰 娟 涛 明 超 秀兰 霞 平 刚 桂英 建华 志强 建国 国强 晓明 晓东 晓燕 海燕 海波 "
    "文静 文博 文杰 思远 思雨 雨桐 雨欣 子涵 子轩 浩然 宇轩 俊杰 俊峰 嘉怡 嘉豪 佳琪 佳慧 欣怡 欣然 梦琪 梦洁 雪梅 "
    "春梅 红梅 玉兰 玉华 丽娜 丽华 婷婷 婷 倩 倩倩 颖 莹 莉 萍 琳 琴 芳 芬 慧 慧敏 鹏 鹏飞 飞 斌 波 辉 凯 帆 旭 "
    "昊 睿 哲 晨 阳 岩 宁 宇 健 峰 亮 龙 林 楠 琪 瑞 毅 毅飞 永强 永康 振华 振宇 志远 志伟 国华 国栋 立新 立军 少华 "
    "少军 世杰 天宇 天佑 向东 晓峰 晓琳 晓丹 小红 小军 亚楠 亚军 艺涵 一鸣 一凡 逸飞 彦博 彦斌"
)

TITLES = (
    ("purchasing", 26),
    ("technical", 22),
    ("ceo", 14),
    ("vp", 12),
    ("staff", 14),
    ("finance", 8),
    ("chairman", 4),
)

NEEDS = (
    "想了解{product}的价格和实施周期",
    "现有系统不能满足需求，计划下半年更换，重点考察{product}",
    "老客户介绍，希望先安排一次{product}的演示",
    "分公司准备统一采购{product}，需要报价",
    "看到公众号文章后留言咨询{product}",
    "展会现场登记，对{product}感兴趣，希望寄一份资料",
    "预算已经批准，近期会走招标流程，涉及{product}",
)

TALKS = {
    "call": (
        ("电话沟通{product}需求", "与{contact}通话约 {n} 分钟，对方关心实施周期和售后响应，要求补充同行业案例。"),
        ("回访{product}试用情况", "{contact}反馈试用整体顺利，报表导出格式需要调整，已记录并转技术支持。"),
        ("确认采购计划", "{contact}说采购计划已列入下季度预算，需要先走内部立项。"),
    ),
    "visit": (
        ("上门拜访并调研现场", "到现场与{contact}等 {n} 人座谈，梳理了主要流程，确认痛点是数据重复录入。"),
        ("高层拜访", "陪同总监拜访{contact}，双方就长期合作达成共识，约定尽快提交方案。"),
    ),
    "wechat": (
        ("微信发送产品资料", "已发送{product}介绍和报价单，{contact}表示会转给部门讨论。"),
        ("节日问候与进度确认", "{contact}回复方案还在评审，预计 {n} 天内有结果。"),
    ),
    "meeting": (
        ("{product}方案演示会", "线上演示 {n}0 分钟，参会 {n} 人，重点讨论与现有系统的对接方式。"),
        ("商务条款沟通会", "就付款方式和折扣做了一轮沟通，{contact}希望分期付款。"),
    ),
    "email": (
        ("发送{product}报价单", "邮件发送正式报价与服务范围说明，抄送{contact}。"),
        ("提交技术答疑文档", "针对{contact}提出的 {n} 个问题给出书面答复。"),
    ),
}

PLANS = (
    "补充同行业案例后再约时间",
    "提交正式方案和报价",
    "安排产品演示",
    "跟进内部立项进度",
    "确认合同条款",
    "约见分管领导",
    "整理答疑文档并回复",
)
