package demo

import (
	"time"

	"lindu.example/lindu/internal/actor"
)

// person of the demo. Numbers start with 199 0000: nobody is texted.
type person struct {
	key   string
	name  string
	phone string
	local bool // a host of the county
	roles []actor.Role
	art   string
}

// visitors is how many of them get a link, from the first.
const visitors = 13

// people of the centre. finance2 is the second person of the office: nobody
// approves their own work.
var people = []person{
	{key: "buyer", name: "小满", phone: "19900000001"},
	{key: "host", name: "林二姐", phone: "19900000002", local: true, roles: []actor.Role{actor.Host}, art: "hostess"},
	{key: "operator", name: "中控小周", phone: "19900000003", roles: []actor.Role{actor.Operator}},
	{key: "moderator", name: "场控小吴", phone: "19900000004", roles: []actor.Role{actor.Moderator}},
	{key: "selector", name: "选品老赵", phone: "19900000005", roles: []actor.Role{actor.Selector}},
	{key: "packer", name: "打包大刘", phone: "19900000006", roles: []actor.Role{actor.Packer}},
	{key: "service", name: "客服小孙", phone: "19900000007", roles: []actor.Role{actor.Service}},
	{key: "finance", name: "会计郑姐", phone: "19900000008", roles: []actor.Role{actor.Finance}},
	{key: "finance2", name: "出纳小何", phone: "19900000031", roles: []actor.Role{actor.Finance}},
	{key: "teacher", name: "高老师", phone: "19900000009", roles: []actor.Role{actor.Teacher}},
	{key: "producer", name: "李长山", phone: "19900000010", roles: []actor.Role{actor.Producer}, art: "grower"},
	{key: "overseer", name: "监督办", phone: "19900000011", roles: []actor.Role{actor.Overseer}},
	{key: "admin", name: "管理员", phone: "19900000012", roles: []actor.Role{actor.Admin}},
	{key: "host2", name: "返乡小陈", phone: "19900000013", local: true, roles: []actor.Role{actor.Host}, art: "returnee"},
	{key: "host3", name: "外援阿凯", phone: "19900000014", roles: []actor.Role{actor.Host}, art: "trainee"},
}

type producer struct {
	key, kind, name, village, district, story, licence, art string
	local                                                   bool
	commissionBP                                            int64
}

var producers = []producer{
	{"li", "household", "李长山家", "红松村", "上甘岭", "林场停伐后回家种蓝莓，三亩半坡地，全家四口人采。果子不打膨大剂，当天采当天发。", "", "grower", true, 0},
	{"wang", "household", "王秀兰家", "白桦屯", "友好", "种木耳十二年，椴木搭架，晾干后一朵一朵挑。", "", "grandmother", true, 0},
	{"bee", "coop", "椴香养蜂合作社", "椴树沟", "带岭", "十七户蜂农，七月追椴花，摇蜜不兑水，桶上写着摇蜜的日子。", "93230000DEMO0003X", "beekeeper", true, 0},
	{"rice", "coop", "清河水稻合作社", "清河村", "南岔", "山泉水灌的稻田，一年一季，十月收割现碾。", "93230000DEMO0004X", "forester", true, 0},
	{"berry", "firm", "林都蓝莓加工厂", "城郊工业园", "伊美", "县里的蓝莓厂，收各家的鲜果做果干和果汁，一场直播接过三千单。", "91230000DEMO0001X", "secretary", true, 0},
	{"nut", "firm", "远山坚果商行", "外县", "外县", "邻县的松子、榛子商行，请我们直播间代卖，按约定付佣金。", "91230000DEMO0002X", "trainee", false, 1200},
}

type product struct {
	key, name, category, summary, unit, baseUnit string
	basePerUnit, netG, grossG                    int64
	price, market                                string
	rule, storage, art                           string
	cold                                         bool
}

var products = []product{
	{"blueberry", "鲜蓝莓 大果 2 盒", "fruit", "树上熟透才摘，果面带白霜。早上采，晚上发，泡沫箱加冰袋。", "份", "g", 500, 500, 900, "39.90", "58", "fresh", "0–4 °C 冷藏，三天内吃完", "blueberry", true},
	{"woodear", "椴木黑木耳 秋耳", "mushroom", "肉厚无根，泡发一碗顶三碗。", "袋", "g", 250, 250, 300, "29.90", "45", "seven_day", "阴凉干燥处密封", "wood-ear", false},
	{"honey", "椴树雪蜜", "honey", "七月椴花蜜，天冷结晶像猪油一样白，是真蜜的样子。", "瓶", "g", 500, 500, 760, "46", "68", "seven_day", "常温，避光", "honey", false},
	{"rice", "清河一季稻 新米", "grain", "山泉水长的稻，现碾现发，煮粥有米油。", "袋", "g", 2500, 2500, 2600, "35.80", "49", "seven_day", "阴凉干燥处，开封后三个月内吃完", "rice", false},
	{"hericium", "猴头菇干货", "mushroom", "小毛刺、拳头大，炖汤前用温水泡两小时。", "袋", "g", 150, 150, 200, "38", "", "seven_day", "阴凉干燥处密封", "monkey-head", false},
	{"driedberry", "蓝莓果干 无添加糖", "processed", "厂里收本县鲜果烘的，配料只有蓝莓。", "袋", "g", 200, 200, 240, "25.90", "39", "confirmed", "常温密封，开袋后尽快吃", "dried-blueberry", false},
	{"pinenut", "红松子 手剥开口", "nut", "邻县商行供货，开口率九成以上。", "罐", "g", 300, 300, 420, "59", "79", "seven_day", "常温密封", "pine-nut", false},
	{"hazelnut", "野榛子 原味", "nut", "山榛子，个小味浓。", "袋", "g", 400, 400, 450, "32", "", "seven_day", "常温密封", "hazelnut", false},
}

type batch struct {
	product, producer, grade string
	harvestDaysAgo           int
	bestBeforeDays           int // from now; 0: keeps
	kg                       float64
	floor, pay               string
	certificate              string
}

var lots = []batch{
	{"blueberry", "li", "特级", 0, 5, 60, "32", "", "承诺达标-2611-0032"},
	{"blueberry", "wang", "一级", 1, 4, 40, "30", "", "承诺达标-2611-0035"},
	{"woodear", "wang", "秋耳一级", 40, 330, 120, "22", "", "承诺达标-2610-0117"},
	{"honey", "bee", "一等", 120, 540, 200, "38", "", ""},
	{"rice", "rice", "一级", 35, 240, 1500, "29", "", ""},
	{"hericium", "wang", "统货", 50, 300, 24, "30", "", "承诺达标-2610-0120"},
	{"driedberry", "berry", "一级", 20, 270, 160, "19", "18.50", ""},
	{"pinenut", "nut", "开口", 60, 200, 90, "50", "", ""},
	{"hazelnut", "nut", "统货", 60, 200, 80, "26", "", ""},
}

type offer struct {
	product, price, was string
	released, perPerson int64
	script              string
	onSale              bool
}

type showPlan struct {
	key, title, summary, host, cover string
	startsIn                         time.Duration
	live, announce                   bool
	items                            []offer
}

var shows = []showPlan{
	{key: "now", title: "山里今早摘的蓝莓，直接发到你家", summary: "林二姐在红松村晾晒场开播：鲜蓝莓、秋木耳、椴树蜜、新米。本县农户的货，一分佣金不收。", host: "host", cover: "blueberry-night", live: true, announce: true, items: []offer{
		{"blueberry", "36.90", "39.90", 90, 3, "果面这层白霜不是药，是果粉，越新鲜越厚。拿起来对着窗户给大家看。", true},
		{"woodear", "27.90", "29.90", -1, 0, "掰一朵听声音，脆的是干透的。泡一小时，不用加碱。", true},
		{"honey", "46", "", 60, 0, "瓶子倒过来不流，是结晶，不是坏了。", true},
		{"rice", "33.80", "35.80", 200, 5, "今天碾的，闻一闻。五斤一袋，够一家三口吃一周。", true},
		{"driedberry", "23.90", "25.90", -1, 0, "配料表只有两个字：蓝莓。念给大家听。", true},
		{"hericium", "36", "38", 12, 2, "今天就这十二袋，卖完等明年。", true},
		{"pinenut", "55", "59", -1, 0, "这是邻县商行的货，我们收一成二的佣金，明说。", false},
	}},
	{key: "second", title: "边敲边聊：榛子松子木耳", summary: "外援阿凯在林场老食堂，和林二姐同时开播：榛子、松子、木耳。", host: "host3", cover: "autumn-forest", live: true, announce: true, items: []offer{
		{"hazelnut", "29.90", "32", 40, 0, "抓一把听响，空壳的会飘。", true},
		{"pinenut", "55", "59", -1, 0, "开口率九成以上，现场数给大家看。", true},
		{"woodear", "28.50", "29.90", 60, 0, "这是秋耳，肉厚。", true},
		{"honey", "45", "46", 9, 2, "带了九瓶过来，先到先得。", true},
	}},
	{key: "next", title: "返乡小陈带你赶山：木耳、猴头、榛子", summary: "从武汉回来的第一年，第三场直播。先看山，再看货。", host: "host2", cover: "autumn-forest", startsIn: 21 * time.Hour, announce: true, items: []offer{
		{"woodear", "27.90", "", 80, 0, "", false},
		{"hericium", "36", "", -1, 0, "", false},
		{"hazelnut", "29.90", "32", -1, 0, "", false},
	}},
	{key: "later", title: "清河新米开仓节", summary: "合作社打开粮仓，现场碾米、现场煮饭。", host: "host3", cover: "honey-season", startsIn: 69 * time.Hour, announce: true, items: []offer{
		{"rice", "33.80", "35.80", 300, 5, "", false},
		{"honey", "44", "46", -1, 0, "", false},
	}},
}

// freight by province: first and next kilogram in yuan, free over.
var freight = []struct {
	province           string
	deliver            bool
	first, next, freeO string
}{
	{"", true, "8", "3", "99"},
	{"黑龙江", true, "4", "1", "59"},
	{"吉林", true, "5", "2", "79"},
	{"辽宁", true, "5", "2", "79"},
	{"新疆", true, "18", "12", "0"},
	{"西藏", true, "20", "15", "0"},
	{"香港", false, "0.01", "0", "0"},
	{"澳门", false, "0.01", "0", "0"},
	{"台湾", false, "0.01", "0", "0"},
}

// questions are what the demo's buyers ask and say in the room.
var questions = []string{
	"蓝莓能放几天呀", "今天下单哪天到哈尔滨", "木耳泡多久", "有没有小份的", "上次买的蜜真结晶了，好吃", "孩子爱吃，又来了",
	"为什么比超市贵一点", "发什么快递", "新米煮粥香不香", "镜头拿近点看看果子", "二姐今天气色好", "支持家乡",
	"三号链接蜂蜜能寄南方吗", "有合格证吗", "一袋木耳能泡多大一盆", "果干真没加糖？", "给我妈也买一份", "下播前还能拍吗",
}

// homes of the demo's buyers.
var homes = []struct{ province, city, district, detail string }{
	{"黑龙江", "哈尔滨市", "南岗区", "演示路 1 号 2 单元 301"},
	{"北京", "北京市", "朝阳区", "演示里 8 号楼 1204"},
	{"上海", "上海市", "徐汇区", "演示弄 25 号 402"},
	{"广东", "广州市", "天河区", "演示大道 66 号 B 座 1803"},
	{"湖北", "武汉市", "洪山区", "演示街 12 号 7 栋 602"},
	{"四川", "成都市", "武侯区", "演示巷 3 号 5 楼"},
	{"山东", "青岛市", "市南区", "演示海路 19 号 2 单元 501"},
}

var buyerNames = []string{"春生", "阿珍", "北漂小李", "吃货老王", "小鹿", "云朵妈", "大明", "糖醋排骨", "林场子弟", "南方姑娘", "老范", "柚子", "晴天", "七七", "阿勇", "米粒"}
