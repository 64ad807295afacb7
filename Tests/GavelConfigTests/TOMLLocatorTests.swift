import GavelTesting
import Testing

@testable import GavelConfig

@Suite("Lines of keys")
struct TOMLLocatorTests {
    @Test("keys are found in tables, lists of tables, dotted keys, inline tables and behind long strings")
    func findsKeys() {
        let text = #"""
            # [server] is not here
            title = "[server]"
            [server] # but here
            port = 1
              "host" = 'a # no comment'
            text = """
            drain = "no key"
            \""" still no end """
            origins = [
              "a", # ]
              "b",
            ]

            [[rooms]]
            match = "a"
            [rooms.params]
            deep.er = { x = 1, y = [ { z = 2 } ] }
            [[rooms]]
            match = '''
            '''
            linger = 1
            """#
        let locator = TOMLLocator(text)
        let rooms = ConfigurationPath("rooms")
        #expect(locator.line(of: ConfigurationPath("server")) == 3)
        #expect(locator.line(of: ConfigurationPath("server", "port")) == 4)
        #expect(locator.line(of: ConfigurationPath("server", "host")) == 5)
        #expect(locator.line(of: ConfigurationPath("server", "text")) == 6)
        #expect(locator.line(of: ConfigurationPath("server", "origins")) == 9)
        #expect(locator.line(of: ConfigurationPath("server", "origins").index(1)) == 11)
        #expect(locator.line(of: rooms.index(0)) == 14)
        #expect(locator.line(of: rooms.index(0).key("match")) == 15)
        #expect(locator.line(of: rooms.index(0).key("params")) == 16)
        #expect(locator.line(of: rooms.index(0).key("params").key("deep").key("er").key("y").index(0).key("z")) == 17)
        #expect(locator.line(of: rooms.index(1)) == 18)
        #expect(locator.line(of: rooms.index(1).key("linger")) == 21)
    }

    @Test("lists of tables within lists of tables are counted apart")
    func countsNestedLists() {
        let locator = TOMLLocator(
            """
            [[rooms]]
            [[rooms.seats]]
            [[rooms.seats]]
            name = "a"
            [[rooms]]
            [[rooms.seats]]
            name = "b"
            """
        )
        func line(_ room: Int, _ seat: Int) -> Int? {
            locator.line(of: ConfigurationPath("rooms").index(room).key("seats").index(seat).key("name"))
        }
        #expect(line(0, 1) == 4)
        #expect(line(1, 0) == 7)
    }

    @Test("a key that is not there has the line of what it would stand in")
    func fallsBack() {
        let locator = TOMLLocator("\n[[rooms]]\nmatch = 1\n")
        #expect(locator.line(of: ConfigurationPath("rooms").index(0).key("linger")) == 2)
        #expect(locator.line(of: ConfigurationPath("nowhere", "at_all")) == nil)
    }

    @Test("line ends of Windows and a byte order mark change nothing")
    func takesOtherFiles() {
        let locator = TOMLLocator("\u{FEFF}[server]\r\nport = 1\r\n# x\r\nhost = 'a'\r\n")
        #expect(locator.line(of: ConfigurationPath("server")) == 1)
        #expect(locator.line(of: ConfigurationPath("server", "host")) == 4)
    }

    @Test("every key of a random document is found on its line", arguments: [1, 2, 3, 4] as [UInt64])
    func findsRandomKeys(seed: UInt64) throws {
        var document = RandomDocument(seed: seed)
        for _ in 0..<100 {
            document.write()
            _ = try TOMLNode.parse(document.text)
            let locator = TOMLLocator(document.text)
            for (path, line) in document.lines {
                #expect(locator.line(of: path) == line, "seed \(seed): \(path) in\n\(document.text)")
            }
        }
    }

    @Test("the walk through a broken document ends", arguments: [1, 2] as [UInt64])
    func survivesBrokenDocuments(seed: UInt64) {
        var generator = SeededGenerator(seed: seed)
        let pieces = [
            "[", "]", "{", "}", "\"", "'", "\"\"\"", "'''", "=", ".", ",", "#", "\n", "\\", "a", " ", "é", "1",
        ]
        for _ in 0..<2_000 {
            let count = Int.random(in: 0...40, using: &generator)
            let text = (0..<count).map { _ in pieces.randomElement(using: &generator) ?? "" }.joined()
            let lines = text.utf8.count { $0 == UInt8(ascii: "\n") } + 1
            let line = TOMLLocator(text).line(of: ConfigurationPath("a")) ?? 1
            #expect((1...lines).contains(line), "seed \(seed): \(text)")
        }
        let deep = String(repeating: "[", count: 100_000)
        #expect(TOMLLocator("a = \(deep)").line(of: ConfigurationPath("a")) == 1)
    }
}

/// Valid documents, and the lines on which their keys stand.
private struct RandomDocument {
    private(set) var text = ""
    private(set) var lines: [ConfigurationPath: Int] = [:]
    private var generator: SeededGenerator
    private var line = 1

    init(seed: UInt64) {
        self.generator = SeededGenerator(seed: seed)
    }

    mutating func write() {
        (self.text, self.lines, self.line) = ("", [:], 1)
        self.writeKeys(of: ConfigurationPath())
        var rooms = 0
        for table in 0..<Int.random(in: 0...4, using: &self.generator) {
            if Bool.random(using: &self.generator) {
                let path = ConfigurationPath("rooms").index(rooms)
                rooms += 1
                self.lines[path] = self.line
                self.add("[[rooms]]\n")
                self.writeKeys(of: path)
                self.lines[path.key("params")] = self.line
                self.add("[ rooms . \"params\" ] # [a]\n")
                self.writeKeys(of: path.key("params"))
            } else {
                let path = ConfigurationPath("t\(table)")
                self.lines[path] = self.line
                self.add("[t\(table)]\n")
                self.writeKeys(of: path)
            }
        }
    }

    private mutating func writeKeys(of table: ConfigurationPath) {
        for index in 0..<Int.random(in: 0...4, using: &self.generator) {
            if Bool.random(using: &self.generator) { self.add("# k\(index) = 1 \"\"\"\n\n") }
            let key = "k\(index)"
            self.lines[table.key(key)] = self.line
            switch Int.random(in: 0...2, using: &self.generator) {
            case 0: self.add("  \(key)=")
            case 1: self.add("\"\(key)\" = ")
            default:
                self.lines[table.key(key).key("x y")] = self.line
                self.add("\(key) . 'x y' = ")
            }
            self.writeValue()
            self.add(Bool.random(using: &self.generator) ? "\n" : " # it's\n")
        }
    }

    private mutating func writeValue(depth: Int = 0) {
        let values = [
            "1", "-2.5", "true", "'\"#'", "\"a \\\" ] # \\\\\"", "\"\"\"\n [x]\n a = \\\"\"\" \\\\\"\"\"", "'''\n\\'''",
            "\"\"\"two \"\" quotes\"\"\"\"", "2020-01-01T00:00:00Z",
        ]
        switch Int.random(in: 0...(depth < 2 ? values.count + 2 : values.count - 1), using: &self.generator) {
        case values.count:
            self.add("[\n")
            for _ in 0..<Int.random(in: 0...3, using: &self.generator) {
                self.writeValue(depth: depth + 1)
                self.add(", # [\n")
            }
            self.add("]")
        case values.count + 1, values.count + 2:
            self.add("{ a = ")
            self.writeValue(depth: depth + 1)
            self.add(", b.c = 'x' }")
        case let index: self.add(values[index])
        }
    }

    private mutating func add(_ text: String) {
        self.text += text
        self.line += text.utf8.count { $0 == UInt8(ascii: "\n") }
    }
}
