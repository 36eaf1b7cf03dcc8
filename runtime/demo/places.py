"""Cities of the demo: where customers are, how their region, area code and register code are written."""

from __future__ import annotations

from dataclasses import dataclass

from runtime.demo.words import words


@dataclass(frozen=True, slots=True)
class City:
    """``code`` is the administrative code of its district of registration; ``weight`` how many customers it has."""

    name: str
    province: str
    region: str
    area: str
    code: str
    weight: int
    districts: tuple[str, ...]


def _city(line: str) -> City:
    name, province, region, area, code, weight, *districts = line.split()
    return City(name, province, region, area, code, int(weight), tuple(districts))


CITIES: tuple[City, ...] = tuple(
    _city(line)
    for line in """
上海 上海市 east 021 310115 16 浦东新区 徐汇区 闵行区 嘉定区 静安区
杭州 浙江省 east 0571 330106 11 西湖区 滨江区 余杭区 萧山区
宁波 浙江省 east 0574 330212 5 鄞州区 北仑区 海曙区
苏州 江苏省 east 0512 320571 9 工业园区 吴中区 虎丘区 昆山市
南京 江苏省 east 025 320114 7 雨花台区 江宁区 建邺区
无锡 江苏省 east 0510 320214 4 新吴区 滨湖区
合肥 安徽省 east 0551 340171 4 高新区 蜀山区 包河区
青岛 山东省 east 0532 370211 4 黄岛区 崂山区 城阳区
济南 山东省 east 0531 370171 3 历下区 历城区
厦门 福建省 east 0592 350206 3 湖里区 思明区
深圳 广东省 south 0755 440305 12 南山区 福田区 宝安区 龙岗区
广州 广东省 south 020 440106 9 天河区 黄埔区 番禺区 白云区
东莞 广东省 south 0769 441900 5 松山湖 长安镇 虎门镇
佛山 广东省 south 0757 440605 3 南海区 顺德区
珠海 广东省 south 0756 440402 2 香洲区 金湾区
南宁 广西壮族自治区 south 0771 450103 2 青秀区 良庆区
北京 北京市 north 010 110108 13 海淀区 朝阳区 丰台区 大兴区
天津 天津市 north 022 120116 5 滨海新区 西青区 津南区
石家庄 河北省 north 0311 130108 2 裕华区 长安区
太原 山西省 north 0351 140105 2 小店区 万柏林区
武汉 湖北省 central 027 420111 6 洪山区 江夏区 东西湖区
长沙 湖南省 central 0731 430104 4 岳麓区 雨花区 开福区
郑州 河南省 central 0371 410171 4 高新区 金水区 郑东新区
南昌 江西省 central 0791 360109 2 青山湖区 红谷滩区
成都 四川省 west 028 510109 7 高新区 武侯区 双流区 龙泉驿区
重庆 重庆市 west 023 500112 5 渝北区 两江新区 沙坪坝区
西安 陕西省 west 029 610131 4 高新区 雁塔区 长安区
昆明 云南省 west 0871 530102 2 五华区 呈贡区
贵阳 贵州省 west 0851 520115 1 观山湖区 南明区
沈阳 辽宁省 northeast 024 210112 3 浑南区 铁西区
大连 辽宁省 northeast 0411 210231 3 高新园区 甘井子区
长春 吉林省 northeast 0431 220104 2 朝阳区 绿园区
哈尔滨 黑龙江省 northeast 0451 230109 2 松北区 南岗区
""".strip().splitlines()
)

STREETS = words(
    "科技路 创新大道 软件园路 高新大道 工业大道 人民路 解放路 中山路 长江路 迎宾大道 文化路 学院路 "
    "建设路 滨河路 星湖街 金鸡湖大道 产业园一路 望江路 江南大道 环城东路"
)
BUILDINGS = words("创业大厦 科技园 国际中心 产业园 商务广场 软件园 金融中心 企业总部基地 创新中心 智谷大厦")
