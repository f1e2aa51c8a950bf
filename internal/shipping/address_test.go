package shipping

import (
	"strings"
	"testing"
	"unicode/utf8"
)

// What people really paste: from the copy buttons of shops and chats, and by
// hand. Names and numbers are invented.
var pasted = []struct {
	about, in                                     string
	name, phone, province, city, district, detail string
}{
	{"spaces", "李雷 13800001234 黑龙江省伊春市南岔县中心街88号", "李雷", "13800001234", "黑龙江", "伊春市", "南岔县", "中心街88号"},
	{"full-width commas", "李雷，13800001234，黑龙江省伊春市金林区西林街道苔青路5号", "李雷", "13800001234", "黑龙江", "伊春市", "金林区", "西林街道苔青路5号"},
	{"levels apart", "李雷 13800001234 黑龙江省 伊春市 嘉荫县 朝阳镇 兴嘉路12号", "李雷", "13800001234", "黑龙江", "伊春市", "嘉荫县", "朝阳镇 兴嘉路12号"},
	{"taobao labels", "收货人: 韩梅梅\n手机号码: 13900005678\n所在地区: 浙江省杭州市西湖区\n详细地址: 文三路100号2幢301室", "韩梅梅", "13900005678", "浙江", "杭州市", "西湖区", "文三路100号2幢301室"},
	{"taobao line", "韩梅梅，86-13900005678，浙江省 杭州市 余杭区 仓前街道 文一西路969号 ，311121", "韩梅梅", "13900005678", "浙江", "杭州市", "余杭区", "仓前街道 文一西路969号"},
	{"pdd two lines", "王芳 15012345678\n江苏省 苏州市 昆山市 玉山镇 前进中路99号", "王芳", "15012345678", "江苏", "苏州市", "昆山市", "玉山镇 前进中路99号"},
	{"wechat labels", "收件人：张伟\n电话：138 0000 1234\n地区：广东省 深圳市 南山区\n地址：粤海街道科技园南路1号A座\n邮编：518000", "张伟", "13800001234", "广东", "深圳市", "南山区", "粤海街道科技园南路1号A座"},
	{"one address label", "姓名：赵敏，电话：18600001111，地址：北京市海淀区中关村大街27号1101室", "赵敏", "18600001111", "北京", "北京市", "海淀区", "中关村大街27号1101室"},
	{"municipality twice", "北京 北京市 朝阳区 建国路88号SOHO现代城 刘洋 13700002222", "刘洋", "13700002222", "北京", "北京市", "朝阳区", "建国路88号SOHO现代城"},
	{"municipality, empty level", "上海市市辖区浦东新区张江镇祖冲之路500号 周杰 13600003333", "周杰", "13600003333", "上海", "上海市", "浦东新区", "张江镇祖冲之路500号"},
	{"municipality, short", "重庆渝北区龙溪街道红锦大道1号 何勇 13500004444", "何勇", "13500004444", "重庆", "重庆市", "渝北区", "龙溪街道红锦大道1号"},
	{"county of a municipality", "重庆市石柱县南宾街道都督大道8号，马军，13400005555", "马军", "13400005555", "重庆", "重庆市", "石柱土家族自治县", "南宾街道都督大道8号"},
	{"autonomous region", "内蒙古自治区呼伦贝尔市海拉尔区胜利大街3号 乌兰 13300006666", "乌兰", "13300006666", "内蒙古", "呼伦贝尔市", "海拉尔区", "胜利大街3号"},
	{"autonomous region, short", "广西南宁市青秀区民族大道100号 韦小宝 18900007777", "韦小宝", "18900007777", "广西", "南宁市", "青秀区", "民族大道100号"},
	{"name with a dot", "新疆维吾尔自治区喀什地区疏勒县八一路9号 阿依古丽·买买提 18800008888", "阿依古丽·买买提", "18800008888", "新疆", "喀什地区", "疏勒县", "八一路9号"},
	{"autonomous prefecture, short", "吉林延边州延吉市人民路55号 金哲 18700009999", "金哲", "18700009999", "吉林", "延边朝鲜族自治州", "延吉市", "人民路55号"},
	{"banner", "内蒙古锡林郭勒盟西乌珠穆沁旗巴拉嘎尔高勒镇2号 巴特尔 15100001111", "巴特尔", "15100001111", "内蒙古", "锡林郭勒盟", "西乌珠穆沁旗", "巴拉嘎尔高勒镇2号"},
	{"province missing", "伊春市铁力市正阳大街66号 孙丽 15200002222", "孙丽", "15200002222", "黑龙江", "伊春市", "铁力市", "正阳大街66号"},
	{"province missing, short city", "杭州西湖区文二路1号 吴刚 15300003333", "吴刚", "15300003333", "浙江", "杭州市", "西湖区", "文二路1号"},
	{"province and city missing", "昆山市玉山镇萧林路8号 陈静 15500004444", "陈静", "15500004444", "江苏", "苏州市", "昆山市", "玉山镇萧林路8号"},
	{"city missing", "黑龙江省嘉荫县朝阳镇江畔路1号 郑凯 15600005555", "郑凯", "15600005555", "黑龙江", "伊春市", "嘉荫县", "朝阳镇江畔路1号"},
	{"short names", "黑龙江 伊春 铁力 正阳大街1号 冯雪 15700006666", "冯雪", "15700006666", "黑龙江", "伊春市", "铁力市", "正阳大街1号"},
	{"no separators", "李雷13800001234黑龙江省伊春市南岔县中心街88号", "李雷", "13800001234", "黑龙江", "伊春市", "南岔县", "中心街88号"},
	{"name glued to the province", "李雷黑龙江省伊春市南岔县中心街88号13800001234", "李雷", "13800001234", "黑龙江", "伊春市", "南岔县", "中心街88号"},
	{"name glued to the house number", "黑龙江省伊春市南岔县中心街88号李雷13800001234", "李雷", "13800001234", "黑龙江", "伊春市", "南岔县", "中心街88号"},
	{"phone first", "13800001234 李雷 黑龙江省伊春市友好区友好大街1号", "李雷", "13800001234", "黑龙江", "伊春市", "友好区", "友好大街1号"},
	{"+86 and dashes", "李雷 +86 138-0000-1234 辽宁省大连市甘井子区凌工路2号", "李雷", "13800001234", "辽宁", "大连市", "甘井子区", "凌工路2号"},
	{"0086", "008613800001234 李雷 山东省青岛市市南区香港中路10号", "李雷", "13800001234", "山东", "青岛市", "市南区", "香港中路10号"},
	{"full-width digits", "李雷 １３８００００１２３４ 福建省厦门市思明区鼓浪屿龙头路3号", "李雷", "13800001234", "福建", "厦门市", "思明区", "鼓浪屿龙头路3号"},
	{"number lent for one parcel", "李雷[1234] 18412345678-1234 河南省郑州市金水区花园路1号[1234]", "李雷[1234]", "18412345678-1234", "河南", "郑州市", "金水区", "花园路1号[1234]"},
	{"extension in words", "李雷 18412345678转1234 湖北省武汉市洪山区珞喻路1037号", "李雷", "18412345678-1234", "湖北", "武汉市", "洪山区", "珞喻路1037号"},
	{"landline", "李雷 0458-3600000 黑龙江省伊春市伊美区新兴中路6号", "李雷", "04583600000", "黑龙江", "伊春市", "伊美区", "新兴中路6号"},
	{"title", "李女士 13800001234 四川省成都市武侯区天府大道北段1700号", "李女士", "13800001234", "四川", "成都市", "武侯区", "天府大道北段1700号"},
	{"a town in place of a district", "广东省东莞市虎门镇连升路1号 黄强 13800001234", "黄强", "13800001234", "广东", "东莞市", "虎门镇", "连升路1号"},
	{"under the province itself", "湖北省潜江市园林街道章华路9号 罗敏 13800001234", "罗敏", "13800001234", "湖北", "潜江市", "", "园林街道章华路9号"},
	{"empty level of such a place", "海南省 省直辖县级行政区划 琼海市 嘉积镇东风路2号 符海 13800001234", "符海", "13800001234", "海南", "琼海市", "", "嘉积镇东风路2号"},
	{"city named as its province", "吉林省吉林市船营区解放路3号 宋佳 13800001234", "宋佳", "13800001234", "吉林", "吉林市", "船营区", "解放路3号"},
	{"road named as a province", "江苏省南京市鼓楼区上海路82号 唐宁 13800001234", "唐宁", "13800001234", "江苏", "南京市", "鼓楼区", "上海路82号"},
	{"district named as a province", "天津市河北区中山路5号 郝明 13800001234", "郝明", "13800001234", "天津", "天津市", "河北区", "中山路5号"},
	{"a zone that is no district by law", "安徽省合肥市高新区望江西路666号 方圆 13800001234", "方圆", "13800001234", "安徽", "合肥市", "高新区", "望江西路666号"},
	{"an estate is no district", "黑龙江省伊春市阳光小区3栋2单元101 李雷 13800001234", "李雷", "13800001234", "黑龙江", "伊春市", "", "阳光小区3栋2单元101"},
	{"country first", "中国 广东省 广州市 天河区 体育西路103号 Tom 13800001234", "Tom", "13800001234", "广东", "广州市", "天河区", "体育西路103号"},
	{"slashes", "李雷/13800001234/黑龙江省/伊春市/丰林县/新青镇林海街1号", "李雷", "13800001234", "黑龙江", "伊春市", "丰林县", "新青镇林海街1号"},
	{"labels without colons", "收货人李雷 手机13800001234 地址黑龙江省伊春市汤旺县兴安大街1号", "李雷", "13800001234", "黑龙江", "伊春市", "汤旺县", "兴安大街1号"},
	{"label and value on two lines", "收货人\n李雷\n手机号\n13800001234\n所在地区\n黑龙江省 伊春市 大箐山县\n详细地址\n朗乡镇中心街7号", "李雷", "13800001234", "黑龙江", "伊春市", "大箐山县", "朗乡镇中心街7号"},
	{"street first", "中关村大街27号 北京市海淀区 李雷 13800001234", "李雷", "13800001234", "北京", "北京市", "海淀区", "中关村大街27号"},
	{"name that is a city", "安康 13800001234 黑龙江省伊春市伊美区前进街道1号", "安康", "13800001234", "黑龙江", "伊春市", "伊美区", "前进街道1号"},
	{"default mark", "李雷 13800001234 [默认] 陕西省西安市雁塔区小寨东路1号", "李雷", "13800001234", "陕西", "西安市", "雁塔区", "小寨东路1号"},
	{"Macao", "澳门特别行政区 花地玛堂区 慕拉士大马路1号 何鸿 13800001234", "何鸿", "13800001234", "澳门", "澳门", "花地玛堂区", "慕拉士大马路1号"},
}

func TestParseAddressReadsWhatPeoplePaste(t *testing.T) {
	for _, c := range pasted {
		t.Run(c.about, func(t *testing.T) {
			want := Recipient{c.name, c.phone, c.province, c.city, c.district, c.detail}
			got := ParseAddress(c.in)
			if got.Recipient != want {
				t.Errorf("%q\n got %+v\nwant %+v", c.in, got.Recipient, want)
			}
			if !got.Sure {
				t.Error("not sure of a complete address")
			}
			if err := got.Check(); err != nil {
				t.Errorf("what was read is refused: %v", err)
			}
		})
	}
}

func TestParseAddressLeavesEmptyWhatItCannotTell(t *testing.T) {
	for _, c := range []struct {
		in   string
		want Recipient
	}{
		{"", Recipient{}},
		{"   \n ", Recipient{}},
		{"13800001234", Recipient{Phone: "13800001234"}},
		{"138****1234", Recipient{Detail: "138****1234"}},
		{"朝阳区建国路1号", Recipient{Detail: "朝阳区建国路1号"}}, // two cities have a district of this name
		{"1380000123456", Recipient{Detail: "1380000123456"}},
	} {
		got := ParseAddress(c.in)
		if got.Recipient != c.want || got.Sure {
			t.Errorf("%q: got %+v, want %+v", c.in, got, c.want)
		}
	}
}

func TestEveryPlaceIsFoundByItsFullAddress(t *testing.T) {
	a := theAtlas()
	for _, p := range a.provinces {
		for _, c := range a.inside[p.short] {
			for name, full := range c.counties {
				if name != full {
					continue
				}
				text := p.full + c.name + name + "幸福路1号"
				if c.name == p.full || c.name == p.short {
					text = p.full + name + "幸福路1号"
				}
				got := ParseAddress(text)
				if got.Province != p.short || got.City != c.name || got.District != name || got.Detail != "幸福路1号" {
					t.Errorf("%s: got %+v", text, got.Recipient)
				}
			}
		}
	}
}

func TestAtlasIsWhole(t *testing.T) {
	a := theAtlas()
	if len(Provinces()) != 34 {
		t.Errorf("%d provinces, want 34", len(Provinces()))
	}
	n := 0
	for name, cities := range a.inside {
		if a.byName[name] == nil {
			t.Errorf("places of an unknown province %q", name)
		}
		n += len(cities)
	}
	if n < 380 || len(a.counties) < 2800 {
		t.Errorf("%d cities, %d names of counties: the table was cut", n, len(a.counties))
	}
	for _, p := range a.provinces {
		if len(a.inside[p.short]) == 0 {
			t.Errorf("%s has no places", p.short)
		}
	}
}

func FuzzParseAddress(f *testing.F) {
	for _, c := range pasted {
		f.Add(c.in)
	}
	f.Add("\x01\x01 13800001234\x01")
	f.Add(strings.Repeat("省", 600))
	f.Add("收货人:收货人:收货人:")
	f.Add("吉林市吉林市吉林市\xff\xfe")
	f.Fuzz(func(t *testing.T, s string) {
		p := ParseAddress(s)
		for _, field := range []string{p.Name, p.Phone, p.Province, p.City, p.District, p.Detail} {
			if !utf8.ValidString(field) || strings.Contains(field, phoneMark) || utf8.RuneCountInString(field) > maxPaste {
				t.Fatalf("%q gives the field %q", s, field)
			}
		}
		if p.Province != "" && ShortProvince(p.Province) != p.Province {
			t.Fatalf("%q gives the province %q", s, p.Province)
		}
		if p.Phone != "" && !phoneForm.MatchString(p.Phone) {
			t.Fatalf("%q gives the phone %q", s, p.Phone)
		}
		if p.Sure && p.Recipient.checkPhone() != nil {
			t.Fatalf("%q is sure without a phone", s)
		}
	})
}

func BenchmarkParseAddress(b *testing.B) {
	for b.Loop() {
		ParseAddress(pasted[3].in)
	}
}
