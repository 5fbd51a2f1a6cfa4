package web

import (
	"regexp"
	"strings"
	"sync"

	"parkregistry/internal/fault"
	"parkregistry/internal/words"
)

// Definitions name their sources as they are cited: standards and documents by their own
// numbers and names, what stands between in English. citations are the phrases between, as
// the catalogue has them in both languages, so that a Chinese page says them in Chinese; a
// test finds one that is missing. A phrase stands before those that it begins with.
var citations = []fault.Text{
	fault.T("，以排污许可证载明的为准"), fault.T("生态环境部公告 2021 年第 82 号"), fault.T("由本系统按园区运营单位的职责设计"), fault.T("没有找到正式的表式"),
	fault.T("本系统设计（界限不是正式规定）"), fault.T("本系统设计"), fault.T("参照："), fault.T("第 6 章、附录 B"),
	fault.T("（职责见答复函）"), fault.T("（见答复函）"), fault.T("答复函的第一方面"), fault.T("答复函的第三方面"), fault.T("答复函的第四方面"),
	fault.T("答复函（固体废物试点）"), fault.T("答复函（江碧园区 21 家申请、14 家入园）"), fault.T("的监管"), fault.T("答复函"),
	fault.T("实践做法（界限没有核实）"), fault.T("实践做法："), fault.T("广东、湖南的做法"), fault.T("2021 年任务进度表的做法"), fault.T("的做法"),
	fault.T("的扣分项"), fault.T("（原文待核对）"), fault.T("（要求 100 %）"), fault.T("（涂料）"), fault.T("；"),
}

// cited says those phrases in Chinese.
var cited = sync.OnceValue(func() *strings.Replacer {
	var pairs []string
	for _, phrase := range citations {
		pairs = append(pairs, words.Render(words.English, phrase), words.Render(words.Chinese, phrase))
	}
	return strings.NewReplacer(pairs...)
})

// article is how an article of a law is cited.
var article = regexp.MustCompile(` art\. (\d+(?:, \d+)*)`)

// sourceOf is a source in the visitor's language.
func sourceOf(v *visit, source string) string {
	if v.lang == words.English {
		return source
	}
	return cited().Replace(article.ReplaceAllStringFunc(source, func(s string) string {
		return say(v, fault.T("第 {{.Article}} 条", "Article", article.FindStringSubmatch(s)[1]))
	}))
}
